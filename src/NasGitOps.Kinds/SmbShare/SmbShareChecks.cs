using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SambaServer;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>Rules of a share beyond its schema.</summary>
internal static partial class SmbShareChecks
{
    private const int LongestName = 80;
    private const string NotInNames = "%<>*?|/\\+=;:\",[]";

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase) { "global", "homes", "printers", "print$", "ipc$" };

    /// <summary>The manifest that stands for a dataset: a pool's name is also its root dataset.</summary>
    public static ResourceId DatasetId(string dataset) => new(dataset.Contains('/', StringComparison.Ordinal) ? "Dataset" : "Pool", dataset);

    public static ResourceId AccountId(string name) => name.StartsWith('@') ? new("Group", name[1..]) : new("User", name);

    /// <summary>Every account of the spec with the field that names it.</summary>
    public static IEnumerable<(string Name, string Field)> AccountFields(SmbShareSpec spec)
    {
        foreach (var (list, field) in new[] { (spec.Access.ReadWrite, "readWrite"), (spec.Access.ReadOnly, "readOnly"), (spec.Access.Deny, "deny") })
        {
            for (var i = 0; i < list.Count; i++) yield return (list[i], $"spec.access.{field}[{i}]");
        }

        if (spec.Files.ForceGroup is { } group) yield return ("@" + group, "spec.files.forceGroup");
    }

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests)
    {
        var spec = (SmbShareSpec)manifest.Spec;
        return NameProblems(manifest, manifests)
            .Concat(AccessProblems(manifest, spec, manifests))
            .Concat(PathProblems(manifest, spec, manifests))
            .Concat(FileProblems(manifest, spec))
            .Concat(PreviousVersions.Check(manifest, spec, manifests))
            .Concat(ShareExtras.Check(manifest, spec, manifests))
            .Concat(SambaOptions.Check(manifest, spec.Options, ShareParameters.Options, ShareParameters.Own));
    }

    /// <summary>Why a text cannot be a share's name; null when it can. Samba finds sections without regard to case, and [global] without regard to blanks.</summary>
    public static string? NameRefusal(string name)
    {
        if (name.Length is 0 or > LongestName) return $"a share's name has 1 to {LongestName} characters";
        if (name.FirstOrDefault(c => NotInNames.Contains(c, StringComparison.Ordinal)) is var wrong and not '\0') return $"'{wrong}' cannot stand in a share's name";
        if (SmbConfValue.Refusal(name) is { } refusal) return $"as a share's name, {refusal}";
        return SmbConfText.IsGlobal(name) || Reserved.Contains(name) ? $"'{name}' is a name that Samba keeps for itself" : null;
    }

    private static IEnumerable<ManifestProblem> NameProblems(Manifest manifest, ManifestSet manifests)
    {
        var name = manifest.Id.Name;
        if (NameRefusal(name) is { } refusal) yield return manifest.Problem("metadata.name", refusal, "choose another name");
        var twin = manifests.OfSpec<SmbShareSpec>().Select(m => m.Manifest)
            .FirstOrDefault(other => other.Id != manifest.Id && other.Id.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (twin is not null)
        {
            yield return manifest.Problem(
                "metadata.name", $"Samba does not tell '{name}' from '{twin.Id.Name}' ({twin.Provenance}): the later one would silently replace the other", "give one of them another name");
        }
    }

    private static IEnumerable<ManifestProblem> AccessProblems(Manifest manifest, SmbShareSpec spec, ManifestSet manifests)
    {
        var access = spec.Access;
        foreach (var (name, field) in AccountFields(spec).Where(a => !SmbConfValue.IsAccount(a.Name)))
        {
            yield return manifest.Problem(
                field, $"'{SambaOptions.Shown(name)}' is neither a user nor '@' and a group", "write lower-case letters, digits, '_' and '-', at most 32");
        }

        if (access.Guest == GuestAccess.None && access.ReadWrite.Count == 0 && access.ReadOnly.Count == 0)
        {
            yield return manifest.Problem("spec.access", "nobody could enter this share", "name somebody in readWrite or readOnly, or let guests in");
        }

        foreach (var name in access.ReadOnly.Intersect(access.ReadWrite))
        {
            yield return manifest.Problem("spec.access.readOnly", $"'{name}' is in readWrite too, which counts", "name it once", Severity.Warning);
        }

        foreach (var name in access.ReadOnly.Union(access.ReadWrite).Intersect(access.Deny))
        {
            yield return manifest.Problem("spec.access.deny", $"'{name}' is let in and denied; deny counts", "name it once", Severity.Warning);
        }

        var server = manifests.OfSpec<SambaServerSpec>().Select(s => s.Spec).FirstOrDefault();
        if (access.Guest != GuestAccess.None && server is { Profile: SambaProfile.High })
        {
            yield return manifest.Problem("spec.access.guest", "guests cannot encrypt, and the server's profile 'high' requires it", "drop guest, or use profile 'standard'");
        }
    }

    private static IEnumerable<ManifestProblem> PathProblems(Manifest manifest, SmbShareSpec spec, ManifestSet manifests)
    {
        if (spec.Subpath is { } subpath && subpath.Split('/').Any(part => part is "" or "." or ".."))
        {
            yield return manifest.Problem("spec.subpath", $"'{SambaOptions.Shown(subpath)}' does not stay below the dataset", "write a relative path without '.' and '..'");
            yield break;
        }

        if (manifests.FindDataset(spec.Dataset)?.Spec is not IMountable dataset) yield break;
        if (!dataset.IsFilesystem)
        {
            yield return manifest.Problem("spec.dataset", $"'{spec.Dataset}' is a volume: it has no files to share", "name a filesystem");
        }
        else if (DatasetPaths.Below(spec.Dataset, spec.Subpath, manifests, null) is not { } path)
        {
            yield return manifest.Problem("spec.dataset", $"'{spec.Dataset}' has no mount point to share", "give it one, or name another dataset");
        }
        else if (SmbConfValue.PathRefusal(path) is { } refusal)
        {
            yield return manifest.Problem(spec.Subpath is null ? "spec.dataset" : "spec.subpath", $"'{SambaOptions.Shown(path)}' cannot be written in smb.conf: {refusal}", "choose another directory");
        }
    }

    private static IEnumerable<ManifestProblem> FileProblems(Manifest manifest, SmbShareSpec spec)
    {
        if (spec.Comment is { } comment && SmbConfValue.Refusal(comment) is { } refusal)
        {
            yield return manifest.Problem("spec.comment", $"the comment cannot be written in smb.conf: {refusal}", "write it as one plain line");
        }

        foreach (var (mode, field) in new[] { (spec.Files.FileMode, "fileMode"), (spec.Files.DirectoryMode, "directoryMode") })
        {
            if (mode is not null && !Mode().IsMatch(mode)) yield return manifest.Problem($"spec.files.{field}", $"'{SambaOptions.Shown(mode)}' is no file mode", "write it in octal and quoted, as \"0660\"");
        }
    }

    [GeneratedRegex(@"^[0-7]{3,4}\z")]
    private static partial Regex Mode();
}
