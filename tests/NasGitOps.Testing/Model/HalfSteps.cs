using NasGitOps.Core.Steps;

namespace NasGitOps.Testing.Model;

/// <summary>The hosts that a kill or a power cut can leave while one step runs, for steps whose tool does more than one thing. What is atomic (a renamed file, a transaction of the pool) has none.</summary>
internal static class HalfSteps
{
    /// <param name="captures">Outputs kept by earlier steps of the same change.</param>
    public static IEnumerable<ModelState> Of(ModelState state, Step step, Dictionary<string, string> captures) => step switch
    {
        Run { Command: { Tool: "zfs", Arguments: ["set", .., var dataset] arguments } } => Set(state, [.. arguments.Skip(1).SkipLast(1).Select(a => Filled(a, captures))], dataset),
        Run { Command: { Tool: "zfs", Arguments: ["inherit", "mountpoint", var dataset] } } => Unmounted(state, step, captures, dataset),
        Run { Command: { Tool: "zfs", Arguments: ["create" or "clone", .., var dataset] } } => Created(state, step, captures, dataset),
        Run { Command: { Tool: "zfs", Arguments: ["rename", var from, var to] } } => [ZfsModel.Unmount(state, from), .. Done(state, step, captures).Select(s => ZfsModel.Unmount(s, to))],
        Run { Command: { Tool: "zpool", Arguments: ["create", ..] } } => Done(state, step, captures).Select(s => s with { Datasets = Maps.Of(s.Datasets.Select(d => state.Datasets.ContainsKey(d.Key) ? d : KeyValuePair.Create(d.Key, d.Value with { MountedAt = null }))) }),
        Run { Command: { Tool: "useradd" } } => Done(state, step, captures).Select(s => s with { Groups = state.Groups }),
        SetAttributes attributes => Attributes(state, attributes, captures),
        EnsureDirectory directory => Directory(state, directory, captures),
        BindMount { Flags.Count: > 0 } bind when !state.Binds.ContainsKey(bind.Target) => Done(state, bind with { Flags = [] }, captures),
        ReleaseNfs release => Released(state, release.Root),
        _ => [],
    };

    /// <summary>Each of several properties is a call of its own; a mount point, and that nothing is to be mounted, is set between unmounts and mounts.</summary>
    private static IEnumerable<ModelState> Set(ModelState state, string[] assignments, string dataset)
    {
        for (var i = 1; i < assignments.Length; i++)
        {
            foreach (var half in Done(state, new Run(Command.Of("zfs", ["set", .. assignments.Take(i), dataset])), [])) yield return half;
        }

        if (!assignments.Any(a => a.StartsWith("mountpoint=", StringComparison.Ordinal) || a == "canmount=off")) yield break;
        foreach (var half in Unmounted(state, new Run(Command.Of("zfs", ["set", .. assignments, dataset])), [], dataset)) yield return half;
    }

    private static IEnumerable<ModelState> Unmounted(ModelState state, Step step, Dictionary<string, string> captures, string dataset) =>
        [ZfsModel.UnmountInheriting(state, dataset), .. Done(state, step, captures).Select(s => ZfsModel.UnmountInheriting(s, dataset))];

    private static IEnumerable<ModelState> Created(ModelState state, Step step, Dictionary<string, string> captures, string dataset) =>
        Done(state, step, captures).Where(s => s.Datasets[dataset].MountedAt is not null).Select(s => ZfsModel.Unmount(s, dataset));

    private static IEnumerable<ModelState> Attributes(ModelState state, SetAttributes step, Dictionary<string, string> captures)
    {
        var one = step.Remove.Select(r => new SetAttributes(step.Path, new Dictionary<string, string>(), [r])).Concat(step.Set.Select(s => new SetAttributes(step.Path, new Dictionary<string, string> { [s.Key] = s.Value }, []))).ToList();
        for (var i = 0; i < one.Count - 1 && BtrfsModel.Attributes(state, one[i], captures).State is { } next; i++) yield return state = next;
    }

    /// <summary>Made, and owner and mode still to be set.</summary>
    private static IEnumerable<ModelState> Directory(ModelState state, EnsureDirectory step, Dictionary<string, string> captures)
    {
        var slash = step.Relative.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0) foreach (var half in Done(state, step with { Relative = step.Relative[..slash], Uid = null, Gid = null, Mode = null }, captures)) yield return half;
        foreach (var half in Done(state, step with { Uid = null, Gid = null, Mode = null }, captures)) yield return half;
        foreach (var half in Done(state, step with { Mode = null }, captures)) yield return half;
    }

    private static IEnumerable<ModelState> Released(ModelState state, string root)
    {
        var gone = state.Exported.Keys.Except(NfsModel.Release(state, root).Exported.Keys).ToList();
        return gone.SkipLast(1).Select((_, i) => state with { Exported = state.Exported.RemoveRange(gone.Take(i + 1)) });
    }

    private static ModelState[] Done(ModelState state, Step step, Dictionary<string, string> captures) =>
        ModelHost.Apply(state, step, new Dictionary<string, string>(captures)) is { State: { } after } ? [after] : [];

    private static string Filled(string argument, Dictionary<string, string> captures) =>
        captures.Aggregate(argument, (text, capture) => text.Replace($"${{{capture.Key}}}", capture.Value, StringComparison.Ordinal));
}
