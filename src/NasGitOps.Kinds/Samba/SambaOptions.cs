using NasGitOps.Core.Manifests;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Samba;

/// <summary>The <c>options</c> field of both kinds: smb.conf parameters of an allowlist.</summary>
internal static class SambaOptions
{
    /// <summary>Names in the one spelling that testparm prints; values as text, YAML's booleans as <c>yes</c> and <c>no</c>.</summary>
    public static IReadOnlyDictionary<string, string> Parse(JObject? options, IReadOnlyDictionary<string, string> synonyms)
    {
        var parsed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in options ?? [])
        {
            var lower = name.ToLowerInvariant();
            parsed[synonyms.GetValueOrDefault(lower) ?? lower] = value switch
            {
                { Type: JTokenType.Boolean } => value.Value<bool>() ? "yes" : "no",
                null => "",
                _ => value.Value<string>() ?? "",
            };
        }

        return parsed;
    }

    /// <summary>Every option that is not allowed, or whose value its type refuses.</summary>
    /// <param name="own">Parameters that fields of the spec write.</param>
    public static IEnumerable<ManifestProblem> Check(
        Manifest manifest,
        IReadOnlyDictionary<string, string> options,
        IReadOnlyDictionary<string, SambaParameter> allowed,
        IReadOnlyDictionary<string, SambaParameter> own)
    {
        foreach (var (name, value) in options)
        {
            var field = $"spec.options.{name}";
            if (allowed.GetValueOrDefault(name) is { } parameter)
            {
                if (parameter.Refusal(value) is { } refusal) yield return manifest.Problem(field, $"'{Shown(value)}' is no value for '{name}': {refusal}", "write another value");
            }
            else if (own.GetValueOrDefault(name) is { } owned)
            {
                yield return manifest.Problem(field, $"'{Shown(name)}' is not set by options", $"it comes from: {owned.Reason}");
            }
            else
            {
                yield return manifest.Problem(field, $"'{Shown(name)}' is not among the allowed options", $"allowed are: {string.Join(", ", allowed.Keys.Order(StringComparer.Ordinal))}");
            }
        }
    }

    /// <summary>Text of others on one line of ours.</summary>
    internal static string Shown(string text) => string.Concat(text.Take(60).Select(c => char.IsControl(c) ? '?' : c));
}
