using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;

namespace NasGitOps.Kinds.SambaServer;

/// <summary>Rules of the server beyond its schema; what the schema says already is said again where it ends up in smb.conf.</summary>
internal static partial class SambaServerChecks
{
    public static IEnumerable<ManifestProblem> Check(Manifest manifest)
    {
        var spec = (SambaServerSpec)manifest.Spec;
        if (manifest.Id.Name != SambaServerKind.OnlyName)
        {
            yield return manifest.Problem("metadata.name", "there is one SMB server on a host", $"name it {SambaServerKind.OnlyName}");
        }

        if (spec.Workgroup is { } workgroup && !Workgroup().IsMatch(workgroup))
        {
            yield return manifest.Problem("spec.workgroup", $"'{SambaOptions.Shown(workgroup)}' is no workgroup", "write letters, digits, '-' and '_', at most 15");
        }

        for (var i = 0; i < spec.Interfaces.Count; i++)
        {
            if (!Interface().IsMatch(spec.Interfaces[i]))
            {
                yield return manifest.Problem(
                    $"spec.interfaces[{i}]", $"'{SambaOptions.Shown(spec.Interfaces[i])}' is neither an interface, an address nor a network", "write one such as eth0 or 10.0.0.1/24");
            }
        }

        if (spec.Interfaces.Count > 0 && !spec.Interfaces.Any(i => i == "lo" || i.StartsWith("127.", StringComparison.Ordinal)))
        {
            yield return manifest.Problem("spec.interfaces", "without lo the host's own tools do not reach its server", "add lo", Severity.Warning);
        }

        foreach (var problem in SambaOptions.Check(manifest, spec.Options, GlobalParameters.Options, GlobalParameters.Own)) yield return problem;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,14}\z")]
    private static partial Regex Workgroup();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}\*?\z")]
    private static partial Regex Interface();
}
