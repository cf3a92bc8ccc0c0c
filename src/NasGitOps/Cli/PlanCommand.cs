using System.CommandLine;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;
using NasGitOps.Kinds;
using NasGitOps.Reconciling;
using NasGitOps.Source;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops plan</c>: what a pass would change; touches nothing. With an inventory no host is needed.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var repo = new Option<string?>("--repo") { Description = "Plan a working copy instead of the followed branch", HelpName = "DIR" };
        var reference = new Option<string?>("--ref") { Description = "Plan this branch, tag or commit of the followed repository", HelpName = "REF" };
        var inventory = new Option<string?>("--inventory") { Description = "Plan against a published inventory: no host needed (with --repo)", HelpName = "FILE" };
        var fromStatus = new Option<string?>("--from-status") { Description = "Like --inventory, taken from a status branch or commit of the repository in --repo", HelpName = "REF" };
        var exitCode = new Option<bool>("--exit-code") { Description = "Exit with 2 when there is any change, blocked ones included" };
        var steps = new Option<bool>("--steps") { Description = "Show the commands too" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml, Output.Markdown);
        var command = new Command("plan", "Show the changes a pass would make; touches nothing") { repo, reference, inventory, fromStatus, exitCode, steps, output };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(repo) is not null && parsed.GetValue(reference) is not null) return Terminal.Usage("--repo and --ref exclude each other");
            if (parsed.GetValue(inventory) is not null && parsed.GetValue(fromStatus) is not null) return Terminal.Usage("--inventory and --from-status exclude each other");
            var (plan, host, code) = parsed.GetValue(inventory) is not null || parsed.GetValue(fromStatus) is not null
                ? await Offline(parsed.GetValue(repo) ?? ".", parsed.GetValue(inventory), parsed.GetValue(fromStatus), ct)
                : await OnHost(parsed, parsed.GetValue(repo), parsed.GetValue(reference), ct);
            if (plan is null) return code;
            Print(plan, host, parsed.GetValue(output)!, parsed.GetValue(steps));
            return parsed.GetValue(exitCode) && !plan.IsEmpty ? ExitCodes.Different : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Plan plan, string host, string format, bool steps)
    {
        if (format == Output.Markdown) Console.Out.Write(PlanMarkdown.Render(plan, host));
        else if (format == Output.Text) PlanText.Write(plan, steps);
        else Output.Write(PlanDocument.Of(plan), format);
    }

    private static async Task<(Plan? Plan, string Host, int Code)> Offline(string folder, string? file, string? statusRef, CancellationToken ct)
    {
        if (!Directory.Exists(folder)) return (null, "", Terminal.Fail($"there is no folder {folder}"));
        try
        {
            var text = file is not null ? await File.ReadAllTextAsync(file, ct) : GitShow.File(folder, statusRef!, "inventory.yaml");
            var inventory = Inventory.Parse(text);
            var tree = WorkingTree.Read(folder, [], inventory.Observed.Host);
            if (Load(tree, inventory.Observed.Host) is not { } manifests) return (null, "", ExitCodes.Failed);
            return (new Planner(BuiltInKinds.All).Plan(inventory.ToInput("", manifests, tree.Complete)), inventory.Observed.Host, ExitCodes.Done);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or SourceException)
        {
            return (null, "", Terminal.Fail($"the inventory {file ?? statusRef} cannot be used: {e.Message}"));
        }
    }

    internal static async Task<(Plan? Plan, string Host, int Code)> OnHost(ParseResult parsed, string? folder, string? reference, CancellationToken ct)
    {
        if (Context.ReadConfig(parsed) is not { } config) return (null, "", ExitCodes.Failed);
        using var logs = Context.Logs(parsed, agent: false);
        var services = new HostServices(config, logs, TimeProvider.System);
        var state = services.Reader.Vouched(services.Store.Load());
        try
        {
            Terminal.Progress("fetching…");
            var desired = folder is not null ? WorkingCopy(services, folder) : await Followed(services, state, reference, ct);
            if (desired is null) return (null, "", ExitCodes.Failed);
            if (folder is null) state = state with { Approvals = desired.Approvals };
            Terminal.Progress("reading the host…");
            var input = await services.Pass.ObserveAsync(desired, state, ct);
            return (services.Planner.Plan(input), config.Host, ExitCodes.Done);
        }
        catch (SourceException e)
        {
            return (null, "", Terminal.Fail(e.Message));
        }
        finally
        {
            Terminal.EndProgress();
        }
    }

    internal static DesiredState? WorkingCopy(HostServices services, string folder)
    {
        if (!Directory.Exists(folder))
        {
            Terminal.Fail($"there is no folder {folder}");
            return null;
        }

        var tree = WorkingTree.Read(folder, services.Config.Repository.Paths, services.Config.Host);
        return Load(tree, services.Config.Host) is { } manifests ? new DesiredState("", "", manifests, tree.Complete, [], null, "", []) { Encrypted = tree.Encrypted } : null;
    }

    private static async Task<DesiredState?> Followed(HostServices services, State.AgentState state, string? reference, CancellationToken ct)
    {
        var fetched = reference is null ? await services.Source.FetchAsync(ct) : null;
        if (fetched is FetchResult.Failed failed)
        {
            Terminal.Fail($"{failed.Message} {failed.Evidence}");
            return null;
        }

        if (reference is not null && await services.Source.FetchForAsync(reference, ct) is { } failure)
        {
            Terminal.Fail(failure);
            return null;
        }

        var commit = services.Source.Resolve(reference ?? services.Config.Repository.Branch);
        if (commit is null)
        {
            Terminal.Fail($"the repository has no '{reference ?? services.Config.Repository.Branch}'");
            return null;
        }

        var verdict = await services.Reader.JudgeAsync(state, commit, ct);
        if (reference is null && verdict.Refusal is { } refusal)
        {
            Terminal.EndProgress();
            Console.Error.WriteLine($"{Terminal.Yellow("A pass would not follow this commit")}: {refusal.Reason}: {Terminal.Safe(refusal.Message)}");
        }

        var tree = services.Source.ReadTree(commit);
        return Load(tree, services.Config.Host, commit) is { } manifests
            ? new DesiredState(commit, commit, manifests, tree.Complete, [], null, "", services.Reader.Approvals(state, commit, verdict)) { Encrypted = tree.Encrypted }
            : null;
    }

    private static ManifestSet? Load(SourceTree tree, string host, string? commit = null)
    {
        var loaded = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas).Load(tree.Files, host, commit);
        IReadOnlyList<ManifestProblem> problems = [.. tree.Problems, .. loaded.Problems];
        Terminal.EndProgress();
        foreach (var problem in problems) Console.Error.WriteLine(Context.Problem(problem));
        return problems.Any(p => p.Severity == Severity.Error) ? null : loaded.Manifests;
    }
}
