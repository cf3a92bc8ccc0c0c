using System.CommandLine;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;
using NasGitOps.Reconciling;
using NasGitOps.State;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops apply</c>: one pass now.</summary>
internal static class ApplyCommand
{
    public static Command Create()
    {
        var accept = new Option<bool>("--accept-rewrite") { Description = "Follow the branch although its history was rewritten" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var command = new Command("apply", "Run one pass now: fetch, plan, apply, report") { accept, output };
        command.SetAction((parsed, ct) => Run(parsed, parsed.GetValue(accept), parsed.GetValue(output)!, ct));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, bool acceptRewrite, string format, CancellationToken ct)
    {
        if (Context.ReadConfig(parsed) is not { } config) return ExitCodes.Failed;
        using var logs = Context.Logs(parsed, agent: false);
        var services = new HostServices(config, logs, TimeProvider.System);
        using var held = HostLock.TryTake(config.StateDirectory, "apply", out var refusal);
        if (held is null) return Terminal.Fail(refusal);
        Terminal.Progress("working…");
        PassResult pass;
        try
        {
            pass = await services.Pass.RunAsync(acceptRewrite, ct);
            await services.Publisher.PublishAsync(pass, CancellationToken.None);
        }
        catch (IOException e) when (StateTrouble.Explain(e, config.StateDirectory) is { } trouble)
        {
            Terminal.EndProgress();
            return Terminal.Fail(trouble);
        }

        Terminal.EndProgress();
        if (format == Output.Text) Report(pass);
        else Output.Write(StatusDocument.Of(pass.Status), format);
        return pass.Succeeded ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Report(PassResult pass)
    {
        foreach (var problem in pass.Desired.Problems) Console.Error.WriteLine(Context.Problem(problem));
        if (pass.Desired.Failure is { } failure) Console.Error.WriteLine($"nasgitops: {pass.Desired.FailureReason}: {failure}");
        PlanText.Write(pass.Planned, steps: false);
        foreach (var outcome in pass.Outcomes.Values.Where(o => o.State != OutcomeState.Done).OrderBy(o => o.Id))
        {
            Console.Error.WriteLine($"{Terminal.Red(outcome.State.ToString().ToLowerInvariant())} {outcome.Id}: {outcome.Reason}: {Terminal.Safe(outcome.Message)}");
        }

        var done = pass.Outcomes.Values.Count(o => o.State == OutcomeState.Done);
        var inForce = pass.Desired.InForce is { } commit ? $" at commit {commit[..Math.Min(12, commit.Length)]}" : "";
        Console.WriteLine($"Applied {done} of {pass.Planned.ToApply.Count()} changes{inForce} in {pass.Took.TotalSeconds:0.0} s.");
        if (pass.Desired.Problems.Any(p => p.Severity == Severity.Error)) Console.WriteLine("The newest commit is invalid; the last good one stays in force.");
    }
}
