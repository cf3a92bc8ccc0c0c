using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds;

namespace NasGitOps.Testing.Model;

/// <summary>The host as a pure function: steps in, a new host out; and what its tools would print, read by the real parsers.</summary>
public static class ModelHost
{
    public static readonly HostPaths Paths = new();

    /// <summary>The time of every observation; clones of the model are a little older.</summary>
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_760_003_600);

    /// <param name="captures">Outputs kept by earlier steps of the same change; filled here.</param>
    public static ModelResult Apply(ModelState state, Step step, Dictionary<string, string> captures) => step switch
    {
        Run run => Run(state, run, captures),
        InstallFile install => ModelResult.Done(state with { Files = state.Files.SetItem(install.Path, install.Content) }),
        DeleteFile delete => ModelResult.Done(state with { Files = state.Files.Remove(delete.Path) }),
        TakeOut taken => Take(state, taken),
        EnsureDirectory directory => Ensure(state, directory),
        ReleaseNfs release => ModelResult.Done(NfsModel.Release(state, release.Root)),
        SetAttributes attributes => BtrfsModel.Attributes(state, attributes, captures),
        BindMount bind => BtrfsModel.Bind(state, bind),
        Unmount unmount => BtrfsModel.Take(state, unmount.Target, unmount.Of),
        Reload reload => Run(state, reload.Command, null),
        _ => throw new InvalidOperationException($"the model has no {step}"),
    };

    /// <summary>What an observation would find.</summary>
    /// <param name="damage">What becomes of an answer on its way; null leaves all as they are.</param>
    public static Observed Observe(ModelState state, IReadOnlyList<Core.Planning.IKind> kinds, ManifestSet manifests, IReadOnlyList<ResourceId> owned, Func<Probe, Answer, Answer>? damage = null)
    {
        var observation = new HostObservation(kinds, BuiltInKinds.Storage);
        var answers = new Dictionary<string, Answer>();
        for (var open = Open(); open.Count > 0; open = Open())
        {
            foreach (var probe in open) answers[probe.Key] = damage is null ? Answer(state, probe) : damage(probe, Answer(state, probe));
        }

        return observation.Read(Context(), "nas", Now);

        ObservationContext Context() => new(manifests, owned, Paths, new Answers(answers)) { Now = Now };
        IReadOnlyList<Probe> Open() => observation.Open(Context());
    }

    public static ModelResult Run(ModelState state, Command command, string? stdin) => command.Tool switch
    {
        "zfs" => ZfsModel.Run(state, command.Arguments, stdin),
        "zpool" => ZpoolModel.Run(state, command.Arguments),
        "btrfs" => BtrfsModel.Run(state, command.Arguments),
        "mkfs.btrfs" => BtrfsModel.MakeFilesystem(state, command.Arguments),
        "mount" => BtrfsModel.Mount(state, command.Arguments),
        "mkdir" => BtrfsModel.MakeFolder(state, command.Arguments[^1]),
        "rmdir" => BtrfsModel.RemoveFolder(state, command.Arguments[^1]),
        "mv" => BtrfsModel.Move(state, command.Arguments[^2], command.Arguments[^1]),
        "chattr" => BtrfsModel.NoCow(state, command.Arguments[^1]),
        "install" => ModelResult.Done(state),
        "groupadd" => AccountsModel.GroupAdd(state, command.Arguments),
        "useradd" => AccountsModel.UserAdd(state, command.Arguments),
        "usermod" => AccountsModel.UserMod(state, command.Arguments),
        "gpasswd" => AccountsModel.GPasswd(state, command.Arguments),
        "smbpasswd" => AccountsModel.SmbPasswd(state, command.Arguments, stdin),
        "exportfs" => ModelResult.Done(NfsModel.Reload(state, Paths.ExportsDirectory)),
        "smbcontrol" => state.Smbd == "active" ? ModelResult.Done(state) : ModelResult.Refused("Can't find pid for destination 'smbd'"),
        "systemctl" => ModelResult.Done(state with { Smbd = "active" }),
        _ => throw new InvalidOperationException($"the model has no '{command}'"),
    };

    private static ModelResult Run(ModelState state, Run run, Dictionary<string, string> captures)
    {
        var arguments = run.Command.Arguments.Select(a => Filled(a, captures));
        string? stdin = null;
        if (run.Stdin is { } secret && !state.Secrets.TryGetValue(secret.SecretRef, out stdin)) return ModelResult.Refused($"secret {secret.SecretRef} cannot be read");
        var result = Run(state, run.Command with { Arguments = [.. arguments] }, stdin);
        if (result.Refusal is { } refusal && run.Tolerates is { } sign && refusal.Contains(sign, StringComparison.Ordinal)) return ModelResult.Done(state);
        if (result.State is not null && run.Capture is { } name) captures[name] = result.Output.Trim();
        return result;
    }

    internal static string Filled(string text, Dictionary<string, string> captures) =>
        captures.Aggregate(text, (filled, c) => filled.Replace($"${{{c.Key}}}", c.Value, StringComparison.Ordinal)).Replace(Core.Steps.Run.Now, Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static ModelResult Take(ModelState state, TakeOut step)
    {
        var text = state.Files.GetValueOrDefault(step.Path, "");
        var at = text.IndexOf(step.Text, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(step.Text, at + 1, StringComparison.Ordinal) >= 0) return ModelResult.Refused($"{step.Path} was changed meanwhile");
        var files = state.Files.ContainsKey(step.KeptAs) ? state.Files : state.Files.Add(step.KeptAs, text);
        return ModelResult.Done(state with { Files = files.SetItem(step.Path, text.Remove(at, step.Text.Length)) });
    }

    private static ModelResult Ensure(ModelState state, EnsureDirectory step)
    {
        if (state.Datasets.GetValueOrDefault(step.Dataset) is not { } dataset || dataset.MountedAt != step.Root) return ModelResult.Refused($"{step.Dataset} is not mounted at {step.Root}");
        var directories = dataset.Directories;
        foreach (var path in Prefixes(step.Relative))
        {
            if (directories.GetValueOrDefault(path) is { } there && (there.IsLink || !there.IsDirectory)) return ModelResult.Refused($"{path} is no directory");
            if (!directories.ContainsKey(path)) directories = directories.Add(path, new FileFacts(0, 0, "0755", IsLink: false, IsDirectory: true, IsEmpty: true));
        }

        var old = directories[step.Relative];
        var now = old with { Uid = step.Uid ?? old.Uid, Gid = step.Gid ?? old.Gid, Mode = step.Mode ?? old.Mode };
        return ModelResult.Done(state.With(dataset with { Directories = directories.SetItem(step.Relative, now) }));
    }

    private static IEnumerable<string> Prefixes(string relative)
    {
        yield return "";
        for (var slash = relative.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = relative.IndexOf('/', slash + 1)) yield return relative[..slash];
        if (relative.Length > 0) yield return relative;
    }

    public static Answer Answer(ModelState state, Probe probe) => probe switch
    {
        RunProbe run => Print(state, run.Command),
        FileProbe { Path: NfsModel.Etab } etab => new FilesAnswer(new Dictionary<string, string> { [etab.Path] = NfsModel.Table(state) }),
        FileProbe { Path: "/etc/group" } group => new FilesAnswer(new Dictionary<string, string> { [group.Path] = AccountsModel.GroupFile(state) }),
        FileProbe { Path: "/etc/passwd" } passwd => new FilesAnswer(new Dictionary<string, string> { [passwd.Path] = AccountsModel.UserFile(state) }),
        FileProbe { Path: MountTable.Path } mounts => new FilesAnswer(new Dictionary<string, string> { [mounts.Path] = BtrfsPrinter.Mounts(state) }),
        AttributesProbe attributes => BtrfsPrinter.Attributes(state, attributes),
        SizeProbe size => new SizeAnswer(state.Disks.ContainsKey(size.Path) ? 1UL << 30 : null),
        FileProbe file => new FilesAnswer(state.Files.Where(f => f.Key == file.Path).ToDictionary()),
        FolderProbe folder => new FilesAnswer(state.Files.Where(f => f.Key.StartsWith(folder.Folder + "/", StringComparison.Ordinal) && f.Key.EndsWith(folder.Suffix, StringComparison.Ordinal)).ToDictionary()),
        LinksProbe => new LinksAnswer(new Dictionary<string, string>()),
        FactsProbe facts => new FactsAnswer(facts.RelativePaths.Select(p => (Path: p, Facts: Facts(state, facts.Root, p))).Where(f => f.Facts is not null).ToDictionary(f => f.Path, f => f.Facts!)),
        DiskProbe disk => new DiskAnswer(state.Disks.TryGetValue(disk.Path, out var carries) ? new DiskFacts(1 << 30, false, carries.Length == 0 ? [] : [carries]) : null),
        _ => throw new InvalidOperationException($"nobody answers {probe}"),
    };

    /// <summary>What stands at a path: in the dataset mounted there, else in the root file system.</summary>
    private static FileFacts? Facts(ModelState state, string root, string relative)
    {
        var above = state.Mounted.Any(d => d.MountedAt!.StartsWith(root + "/", StringComparison.Ordinal));
        if (state.Mounted.FirstOrDefault(d => d.MountedAt == root) is { } mounted) return mounted.Directories.GetValueOrDefault(relative);
        if (relative.Length > 0) return null;
        return state.Folders.GetValueOrDefault(root) ?? (above ? new FileFacts(0, 0, "0755", IsLink: false, IsDirectory: true, IsEmpty: false) : null);
    }

    private static RunAnswer Print(ModelState state, Command command) => (command.Tool, command.Arguments[0]) switch
    {
        ("btrfs", _) => BtrfsPrinter.Print(state, command.Arguments),
        ("env", _) => BtrfsPrinter.Print(state, [.. command.Arguments.Skip(2)]),
        ("blkid", _) => BtrfsPrinter.Signature(state, command.Arguments[^1]),
        ("losetup", _) => Text(""),
        ("zfs", "version") => Text("zfs-2.3.2-2\nzfs-kmod-2.3.2-2\n"),
        ("zfs", "list") when command.Arguments.Contains("name") => Text(string.Concat(state.Snapshots.Keys.Where(s => command.Arguments.Contains(s.Split('@')[0])).Select(s => s + "\n"))),
        ("zfs", "list") when command.Arguments.Contains("snapshot") => Listed(state, command.Arguments[^1]),
        ("zfs", "diff") => Text(""),
        ("zfs", "get") => Text(ZfsGet(state, command.Arguments[^2].Split(','), command.Arguments[^1])),
        ("zpool", "get") => Text(ZpoolModel.Get(state, command.Arguments[^1])),
        ("zpool", "status") when command.Arguments.Contains("-g") => Text(ZpoolModel.Status(state, command.Arguments[^1], numbers: true)),
        ("zpool", "status") => Text(ZpoolModel.Status(state)),
        ("zpool", "list") => Text(ZpoolModel.Sizes(state, command.Arguments[^1])),
        ("zpool", "import") => Text(ZpoolModel.Importable(state)),
        ("testparm", _) => Text(SimulatedTestparm.Print(state.Files, command.Arguments[^1])),
        ("systemctl", _) => new RunAnswer(state.Smbd == "active" ? 0 : 3, state.Smbd + "\n", ""),
        ("getent", _) => AccountsModel.GetEnt(state, command.Arguments),
        ("pdbedit", _) => Text(AccountsModel.PdbEdit(state)),
        _ => throw new InvalidOperationException($"nobody prints '{command}'"),
    };

    private static RunAnswer Text(string output) => new(0, output, "");

    /// <summary>Snapshots of one dataset, as <c>zfs list -d 1</c> prints them.</summary>
    private static RunAnswer Listed(ModelState state, string dataset) => state.Datasets.ContainsKey(dataset) && state.IsImported(dataset)
        ? Text(string.Concat(state.Snapshots.Where(s => s.Key.StartsWith(dataset + "@", StringComparison.Ordinal)).OrderBy(s => s.Value)
            .Select((s, i) => $"{s.Key}\t{1000 + i}\t{i + 1}\t{s.Value.ToUnixTimeSeconds()}\n")))
        : new RunAnswer(1, "", $"cannot open '{dataset}': dataset does not exist");

    private static string ZfsGet(ModelState state, string[] properties, string pool)
    {
        var text = new StringBuilder();
        foreach (var dataset in state.Datasets.Values.Where(d => d.Name == pool || d.IsBelow(pool)))
        {
            foreach (var property in properties)
            {
                var (value, source) = Shown(state, dataset, property);
                text.Append(CultureInfo.InvariantCulture, $"{dataset.Name}\t{property}\t{value}\t{source}\n");
            }
        }

        return text.ToString();
    }

    private static (string Value, string Source) Shown(ModelState state, ModelDataset dataset, string property)
    {
        var holder = ZfsProperties.KeyHolder(state, dataset);
        return property switch
        {
            "type" => (dataset.Type, "-"),
            "guid" => (dataset.Guid, "-"),
            "mounted" => (dataset.Type == "volume" ? "-" : dataset.MountedAt is null ? "no" : "yes", "-"),
            "keystatus" => (holder is null ? "-" : holder.Key!.Loaded ? "available" : "unavailable", "-"),
            "keyformat" => holder is null ? ("none", "default") : (holder.Key!.Format, "-"),
            "keylocation" => holder is null ? ("none", "default") : dataset.Key is null ? ("none", "default") : ("prompt", "local"),
            "encryption" => holder is null ? ("off", "default") : (holder.Key!.Algorithm, "-"),
            "encryptionroot" => (holder?.Name ?? "-", "-"),
            "origin" => (dataset.Origin ?? "-", "-"),
            "creation" => ("1760000000", "-"),
            "written" => ("0", "-"),
            "used" or "available" or "referenced" => ("1048576", "-"),
            _ => ZfsProperties.Get(state, dataset, property),
        };
    }
}
