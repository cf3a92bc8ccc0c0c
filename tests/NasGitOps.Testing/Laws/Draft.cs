using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds;
using NasGitOps.Testing.Model;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Testing.Laws;

/// <summary>A manifest as somebody could write it.</summary>
public sealed record Draft(string Kind, string Name, JObject Spec, bool Suspend = false, bool Report = false)
{
    public override string ToString() => $"{Kind}/{Name}{(Suspend ? " suspend" : "")}{(Report ? " drift:report" : "")} {Spec.ToString(Formatting.None)}";

    /// <summary>The same manifest with one field of its spec set, or without it.</summary>
    public Draft With(string field, JToken? value)
    {
        var copy = (JObject)Spec.DeepClone();
        copy.Remove(field);
        if (value is not null) copy[field] = value;
        return this with { Spec = copy };
    }

    /// <summary>The same manifest with one field less, outer fields first. A pool keeps its layout: another one would be another case.</summary>
    public IEnumerable<Draft> Smaller()
    {
        if (Suspend) yield return this with { Suspend = false };
        if (Report) yield return this with { Report = false };
        foreach (var path in Spec.Descendants().OfType<JProperty>().Select(p => p.Path).Where(p => !p.StartsWith("vdevs", StringComparison.Ordinal)).OrderBy(p => p.Length).ToList())
        {
            var copy = (JObject)Spec.DeepClone();
            if (copy.Descendants().OfType<JProperty>().FirstOrDefault(p => p.Path == path) is not { } property) continue;
            property.Remove();
            yield return this with { Spec = copy };
        }
    }

    /// <summary>The valid manifests among drafts: what is invalid is left out until the rest stands, as a person would mend it.</summary>
    public static ModelCommit Commit(string name, IEnumerable<Draft> drafts)
    {
        var left = drafts.GroupBy(d => (d.Kind, d.Name)).Select(g => g.Last()).ToList();
        var loader = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas);
        while (true)
        {
            var loaded = loader.Load([.. left.Select((d, i) => new SourceFile($"{i}.yaml", Encoding.UTF8.GetBytes(d.Document())))], "nas", name);
            var bad = loaded.Problems.Where(p => p.Severity == Severity.Error).Select(p => int.Parse(p.File.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
            if (bad.Count == 0) return new ModelCommit(name, loaded.Manifests);
            left = [.. left.Where((_, i) => !bad.Contains(i))];
        }
    }

    private string Document()
    {
        var metadata = new JObject { ["name"] = Name };
        var spec = (JObject)Spec.DeepClone();
        if (Suspend) spec["suspend"] = true;
        if (Report) spec["drift"] = "report";
        return new JObject { ["apiVersion"] = "nasgitops.io/v1", ["kind"] = Kind, ["metadata"] = metadata, ["spec"] = spec }.ToString();
    }
}
