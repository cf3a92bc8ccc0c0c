using System.Globalization;
using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>How one step ended.</summary>
/// <param name="Problem">Null when it was done; else what failed, with the evidence.</param>
internal sealed record StepResult(string? Problem, string Reason = "")
{
    public static StepResult Done { get; } = new((string?)null);
}

/// <summary>A secret that a step needs is not there.</summary>
internal sealed class SecretException(string message) : Exception(message);

/// <summary>The one place where the host is changed: each step is written to the journal before it runs and after it ended.</summary>
internal sealed partial class StepExecutor(ICommandRunner runner, SecretStore secrets, Journal journal)
{
    /// <summary>What a command that was given a secret prints is searched for it, so it is kept small.</summary>
    private const int MaxOutputBesideSecret = 1024 * 1024;

    /// <param name="captures">Outputs kept by earlier steps of the same change.</param>
    /// <param name="files">Keeps previous versions of files until the read-back passed.</param>
    public async Task<StepResult> RunAsync(string commit, ResourceId resource, Step step, Dictionary<string, string> captures, FileTransaction files, CancellationToken ct)
    {
        JournalEntry entry;
        try
        {
            entry = journal.Intent(commit, resource.ToString(), step.Describe());
        }
        catch (JournalException e)
        {
            return new StepResult(e.Message, "JournalUnwritable");
        }

        var started = TimeProvider.System.GetTimestamp();
        var (exit, result) = await TryAsync(step, captures, files, new JournalledRunner(runner, journal, commit, resource), ct);
        journal.Done(entry, exit, TimeProvider.System.GetElapsedTime(started), result.Problem);
        return result;
    }

    /// <summary>Puts back what stood there before the files of a change. That is done even when the journal cannot be written: their installation is in it.</summary>
    public void RollBack(string commit, ResourceId resource, FileTransaction files)
    {
        if (files.IsEmpty) return;
        JournalEntry? entry = null;
        try
        {
            entry = journal.Intent(commit, resource.ToString(), $"put back as before: {string.Join(", ", files.Paths)}");
        }
        catch (JournalException)
        {
            // The next step that cannot be written down tells it.
        }

        var started = TimeProvider.System.GetTimestamp();
        files.RollBack();
        if (entry is not null) journal.Done(entry, 0, TimeProvider.System.GetElapsedTime(started), null);
    }

    /// <param name="journalled">For steps that are more than one command.</param>
    private async Task<(int Exit, StepResult Result)> TryAsync(Step step, Dictionary<string, string> captures, FileTransaction files, ICommandRunner journalled, CancellationToken ct)
    {
        try
        {
            switch (step)
            {
                case Run run:
                    return await RunAsync(run, captures, ct);
                case InstallFile install:
                    var problem = await files.InstallAsync(install, runner, ct);
                    return (problem is null ? 0 : 1, problem is null ? StepResult.Done : new StepResult(problem, "CheckFailed"));
                case DeleteFile delete:
                    files.Delete(delete.Path);
                    return (0, StepResult.Done);
                case TakeOut taken:
                    var refusal = files.TakeOut(taken);
                    return (refusal is null ? 0 : 1, refusal is null ? StepResult.Done : new StepResult(refusal, "StepFailed"));
                case EnsureDirectory directory:
                    return Ensure(directory);
                case PurgeDirectory purge:
                    return Purge(purge, captures);
                case ReleaseNfs release:
                    var busy = await NfsRelease.RunAsync(release.Root, journalled, ct);
                    return (busy is null ? 0 : 1, busy is null ? StepResult.Done : new StepResult(busy, "StepFailed"));
                case SetAttributes attributes:
                    ExtendedAttributes.Change(attributes.Path, attributes.Set.Select(a => KeyValuePair.Create(a.Key, Fill(a.Value, captures))), attributes.Remove);
                    return (0, StepResult.Done);
                case BindMount bind:
                    Binds.Mount(bind);
                    return (0, StepResult.Done);
                case Unmount unmount:
                    Binds.Take(unmount);
                    return (0, StepResult.Done);
                case Reload reload:
                    var reloaded = await runner.RunAsync(reload.Command, CommandOptions.None, ct);
                    return (reloaded.ExitCode, reloaded.Succeeded ? StepResult.Done : new StepResult(reloaded.Evidence(), "ReloadFailed"));
                default:
                    throw new InvalidOperationException($"no way to do {step}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecretException)
        {
            return (1, new StepResult($"{step.Describe()}: {e.Message}", e is SecretException ? "SecretMissing" : "StepFailed"));
        }
    }

    private async Task<(int Exit, StepResult Result)> RunAsync(Run run, Dictionary<string, string> captures, CancellationToken ct)
    {
        var command = run.Command with { Arguments = [.. run.Command.Arguments.Select(a => Fill(a, captures))] };
        var stdin = run.Stdin is null ? null : await InputAsync(run.Stdin);
        try
        {
            var result = await runner.RunAsync(command, stdin is null ? CommandOptions.None : new CommandOptions { Stdin = stdin, MaxOutputBytes = MaxOutputBesideSecret }, ct);
            if (result.Failure is null && run.Tolerates is { } sign && result.Errors.Contains(sign, StringComparison.Ordinal)) return (0, StepResult.Done);
            if (stdin is not null) result = Redaction.Clean(result, stdin);
            if (!result.Succeeded) return (result.ExitCode, new StepResult(result.Evidence() + (run.BusyAt is { } place ? MountUsers.Describe(place) : ""), run.FailureReason ?? "StepFailed"));
            if (run.Capture is not null) captures[run.Capture] = Captured(result);
            return (0, StepResult.Done);
        }
        finally
        {
            if (stdin is not null) Array.Clear(stdin);
        }
    }

    /// <summary>A secret as a command wants it: lines, or the bytes alone.</summary>
    private async Task<byte[]> InputAsync(SecretInput input)
    {
        var reading = await secrets.ReadAsync(input.SecretRef, raw: input.Copies == 0);
        if (!reading.IsKnown(out var value)) throw new SecretException(reading.State == ReadingState.Absent ? $"secret {input.SecretRef} is not there any more" : $"secret {input.SecretRef} cannot be read: {reading.Reason}");
        try
        {
            return input.Copies == 0 ? [.. value] : [.. Enumerable.Repeat(value.Append((byte)'\n'), input.Copies).SelectMany(line => line)];
        }
        finally
        {
            Array.Clear(value);
        }
    }

    private static (int Exit, StepResult Result) Purge(PurgeDirectory step, Dictionary<string, string> captures)
    {
        if (Mounts.IdOf(step.Dataset, step.Root) is not { } mount) return (1, new StepResult($"{step.Dataset} is not mounted at {step.Root}", "NotMounted"));
        var removed = Beneath.Purge(step.Root, mount, step.Relative, DateTimeOffset.UtcNow - step.KeepFor);
        captures["purged"] = $"{removed} removed";
        return (0, StepResult.Done);
    }

    private static (int Exit, StepResult Result) Ensure(EnsureDirectory step)
    {
        if (Mounts.IdOf(step.Dataset, step.Root) is not { } mount)
        {
            return (1, new StepResult($"{step.Dataset} is not mounted at {step.Root}; nothing is written into the directory below it", "NotMounted"));
        }

        Beneath.Ensure(step.Root, mount, step.Relative, step.Uid, step.Gid, step.Mode);
        return (0, StepResult.Done);
    }

    private static string Captured(CommandResult result)
    {
        var text = result.Output.Trim();
        return PlainWord().IsMatch(text) ? text : throw new IOException($"'{result.Command}' printed '{text}' where a plain word was expected");
    }

    private static string Fill(string argument, Dictionary<string, string> captures) =>
        captures.Aggregate(argument, (text, capture) => text.Replace($"${{{capture.Key}}}", capture.Value, StringComparison.Ordinal))
            .Replace(Run.Now, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [GeneratedRegex("^(/dev/)?[A-Za-z0-9]{1,64}$")]
    private static partial Regex PlainWord();
}
