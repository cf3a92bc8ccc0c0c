using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Kinds;

/// <summary>Which accounts a manifest may name and declare.</summary>
internal static partial class AccountNames
{
    /// <summary>Below this, Debian's policy (9.2) gives ids to the system's own accounts.</summary>
    public const uint FirstOrdinaryId = 1000;

    // Debian's static accounts that have a meaning to the kernel, to PAM or to setuid programs: membership in one is power over the host.
    private static readonly HashSet<string> Privileged =
        ["root", "sudo", "wheel", "shadow", "disk", "kmem", "docker", "lxd", "nobody", "nogroup", "daemon", "bin", "sys"];

    private static readonly HashSet<uint> ReservedIds = [0, 65534, 65535, uint.MaxValue];

    public static bool IsNameOrNumber(string text) => NameOrNumber().IsMatch(text);

    /// <summary>What is wrong with declaring this account.</summary>
    public static IEnumerable<ManifestProblem> Problems(Manifest manifest, string idField, uint id)
    {
        var name = manifest.Id.Name;
        if (!Name().IsMatch(name))
        {
            yield return manifest.Problem(
                "metadata.name", $"'{name}' is no account name", "begin with a small letter or '_', then small letters, digits, '_' and '-', 32 characters at most");
        }

        if (Privileged.Contains(name)) yield return manifest.Problem("metadata.name", $"'{name}' is an account of the system", "choose another name");
        if (ReservedIds.Contains(id)) yield return manifest.Problem($"spec.{idField}", $"{id} is reserved by the system", $"choose one from {FirstOrdinaryId}");
        else if (id < FirstOrdinaryId)
        {
            yield return manifest.Problem(
                $"spec.{idField}", $"{id} is in the system's range: only an account that has it already can be adopted", $"choose one from {FirstOrdinaryId} for a new one", Severity.Warning);
        }
    }

    public static ManifestProblem? GroupProblem(Manifest manifest, string field, string group) =>
        Privileged.Contains(group)
            ? manifest.Problem(field, $"group '{group}' gives power over the host and is never given by a manifest", "use a group of your own")
            : null;

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]{0,31}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A([a-z_][a-z0-9_-]{0,31}|[0-9]{1,10})\z")]
    private static partial Regex NameOrNumber();
}
