namespace NasGitOps.Core.Steps;

/// <summary>One small effect on the host, as a value. One executor journals and runs them.</summary>
public abstract record Step
{
    /// <summary>One line for people: what will be done.</summary>
    public abstract string Describe();
}

/// <summary>Runs a command; a non-zero exit code fails the change.</summary>
/// <param name="Stdin">The secret whose value the command reads on standard input; only the executor ever holds the value.</param>
/// <param name="Capture">A name under which the trimmed standard output is kept for later steps of the same change.</param>
/// <remarks>An argument may hold <c>${name}</c> of an earlier capture; only digits and letters, or the path of a device, are ever put in.</remarks>
public sealed record Run(Command Command, SecretInput? Stdin = null, string? Capture = null) : Step
{
    /// <summary>Among the arguments, or the attributes of a step that sets them: the time at which the step is taken, in seconds since 1970.</summary>
    public const string Now = "${now}";

    /// <summary>The condition's reason when it fails; <c>StepFailed</c> where none is given.</summary>
    public string? FailureReason { get; init; }

    /// <summary>A mount point that must not be in use: whoever uses it is named when the command fails.</summary>
    public string? BusyAt { get; init; }

    /// <summary>A text on standard error that makes a failure none: what was to be done is under way already.</summary>
    public string? Tolerates { get; init; }

    public override string Describe() => Command + (Stdin is null ? "" : $"   (secret {Stdin.SecretRef} on standard input)");
}

/// <summary>How a secret is written to a command's standard input.</summary>
/// <param name="Copies">How often, each followed by a newline (<c>smbpasswd -s</c> wants 2); 0 writes the bytes alone, as a raw key wants.</param>
public sealed record SecretInput(string SecretRef, int Copies = 1);

/// <summary>Puts a file in place atomically: temporary file in the same directory, checked, fsynced, renamed. The previous one is kept until the read-back passed.</summary>
/// <param name="Mode">Octal, as <c>0644</c>.</param>
/// <param name="Check">Reads the candidate before it is installed.</param>
public sealed record InstallFile(string Path, string Content, string Mode, FileCheck? Check = null) : Step
{
    public override string Describe() => $"install {Path} ({Content.Length} characters, mode {Mode})";
}

/// <summary>A tool's own verdict on a file; <c>{file}</c> among the arguments stands for the candidate's path.</summary>
/// <param name="Complaints">Texts on standard error that count as errors whatever the exit code.</param>
public sealed record FileCheck(Command Command, IReadOnlyList<string> Complaints)
{
    public bool Equals(FileCheck? other) => other is not null && Command == other.Command && Complaints.SequenceEqual(other.Complaints);

    public override int GetHashCode() => Command.GetHashCode();
}

/// <summary>Removes a file that is wholly ours; it is kept until the read-back passed.</summary>
public sealed record DeleteFile(string Path) : Step
{
    public override string Describe() => $"delete {Path}";
}

/// <summary>Takes a text out of a file of others that is ours to define from now on; every other byte stays. Refused where the text does not stand there exactly once.</summary>
/// <param name="KeptAs">Where the file is kept as it was, unless a copy that holds the text is there already; a number is added where another file has the name.</param>
public sealed record TakeOut(string Path, string Text, string KeptAs) : Step
{
    /// <summary>A sibling that no service reads.</summary>
    public const string Suffix = ".before-nasgitops";

    public override string Describe() => $"take out of {Path}: {Text.Split('\n')[0].Trim()}{(Text.TrimEnd('\n').Contains('\n', StringComparison.Ordinal) ? " …" : "")} (the file as it was is kept as {KeptAs})";
}

/// <summary>Makes a directory below a dataset's mount root, or sets owner and mode of one. Resolved beneath the root, never through a link, only while the dataset is mounted there.</summary>
/// <param name="Relative">Path below <paramref name="Root"/>; empty for the mount root itself.</param>
/// <param name="Uid">Numeric owner, or null to leave it.</param>
/// <param name="Mode">Octal, as <c>2775</c>, or null to leave it.</param>
public sealed record EnsureDirectory(string Dataset, string Root, string Relative, uint? Uid, uint? Gid, string? Mode) : Step
{
    public override string Describe() =>
        $"directory {Root.TrimEnd('/')}/{Relative}: owner {Uid?.ToString() ?? "unchanged"}:{Gid?.ToString() ?? "unchanged"}, mode {Mode ?? "unchanged"}";
}

/// <summary>Removes what has lain for longer than <paramref name="KeepFor"/> in a directory below a dataset's mount root, by the time at which it was moved there. Never through a link, never into another file system.</summary>
public sealed record PurgeDirectory(string Dataset, string Root, string Relative, TimeSpan KeepFor) : Step
{
    public override string Describe() => $"purge {Root.TrimEnd('/')}/{Relative} of what is older than {Manifests.Duration.Format(KeepFor)}";
}

/// <summary>Makes the kernel's NFS server let go of the file systems at and below a path, which are about to be unmounted or moved. What is still wanted is exported again by its own change, or at the latest by the next pass.</summary>
/// <remarks>A client that has read a file holds state, and the file system stays busy until that is released. Seen on Linux 6.12 with nfs-utils 2.8.3.</remarks>
public sealed record ReleaseNfs(string Root) : Step
{
    public override string Describe() => $"release NFS clients of {Root}";
}

/// <summary>Asks a service to read its configuration again; equal reloads of one stage run once, after the files of that stage.</summary>
/// <param name="Service">A name of the executor's table: <c>nfs</c>, <c>samba</c>.</param>
/// <param name="Command">What reloads it.</param>
public sealed record Reload(string Service, Command Command) : Step
{
    /// <summary>Commands of this change that run after the reload, such as <c>smbcontrol smbd close-share NAME</c>.</summary>
    public IReadOnlyList<Command> Then { get; init; } = [];

    public override string Describe() => $"reload {Service}: {Command}";

    public bool Equals(Reload? other) => other is not null && Service == other.Service && Command == other.Command && Then.SequenceEqual(other.Then);

    public override int GetHashCode() => Command.GetHashCode();
}

/// <summary>Removes and sets extended attributes of a directory that only root reaches, one after the other. Values may hold <c>${name}</c> of an earlier capture.</summary>
/// <param name="Set">In the order given: a kill leaves the first ones.</param>
/// <param name="Remove">Names; one that is not there is as well.</param>
public sealed record SetAttributes(string Path, IReadOnlyDictionary<string, string> Set, IReadOnlyList<string> Remove) : Step
{
    public override string Describe() =>
        $"attributes of {Path}: {string.Join(", ", Set.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}").Concat(Remove.Select(r => $"without {r}")))}";

    public bool Equals(SetAttributes? other) => other is not null && Describe() == other.Describe();

    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Shows a directory at another place, with the given flags. A missing place is made; one that is reached through a link is refused, since users may write on the way. Done already, only its flags are set.</summary>
/// <param name="Flags">Of <c>ro noatime noexec nosuid nodev</c>; what is not named is off.</param>
public sealed record BindMount(string Source, string Target, IReadOnlyList<string> Flags) : Step
{
    public override string Describe() => $"mount {Source} at {Target}{(Flags.Count == 0 ? "" : $" ({string.Join(',', Flags)})")}";

    public bool Equals(BindMount? other) => other is not null && Describe() == other.Describe();

    public override int GetHashCode() => Target.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Takes away what is mounted at a place; nothing where nothing is. Never forced: somebody who still uses it makes it fail.</summary>
/// <param name="Of">Only where it shows this directory; null for whatever is mounted there.</param>
public sealed record Unmount(string Target, string? Of = null) : Step
{
    public override string Describe() => $"unmount {Target}";
}
