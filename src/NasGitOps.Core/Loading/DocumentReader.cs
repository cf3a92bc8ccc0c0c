using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Loading;

/// <summary>Makes manifests of files, each document by itself: syntax, schema, and the kind's own reading.</summary>
internal sealed class DocumentReader(IReadOnlyDictionary<string, IKind> kinds, KindSchemas schemas, string? commit)
{
    private static readonly Lazy<JObject> WithoutKind = new(() => SchemaComposer.ForValidator(SchemaComposer.WithoutKind()));

    private readonly List<ManifestProblem> problems = [];

    public static Documents Read(IEnumerable<SourceFile> files, IReadOnlyDictionary<string, IKind> kinds, KindSchemas schemas, string? commit)
    {
        var reader = new DocumentReader(kinds, schemas, commit);
        var documents = new List<Document>();
        var complete = true;
        foreach (var file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var before = reader.problems.Count;
            var yaml = YamlReader.Read(file);
            complete &= yaml.Complete;
            reader.problems.AddRange(yaml.Problems);
            foreach (var root in yaml.Documents) documents.Add(reader.ReadGuarded(file.Path, root));
            reader.Shorten(file.Path, before);
        }

        return new Documents(documents, reader.problems, complete);
    }

    /// <summary>A file that is something else altogether has as many problems as lines, and they would fill the status.</summary>
    private void Shorten(string file, int before)
    {
        var more = problems.Count - before - Limits.Problems;
        if (more <= 0) return;
        problems.RemoveRange(before + Limits.Problems, more);
        problems.Add(new ManifestProblem(Severity.Error, file, 0, 0, "", $"{more:N0} more problems in this file", "mend those that are named first"));
    }

    private Document ReadGuarded(string file, Node root)
    {
        try
        {
            return ReadDocument(file, root);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            problems.Add(Guard.Fault(e, file, root.Line, root.Column, null));
            return new Document(file, null, [], null);
        }
    }

    private Document ReadDocument(string file, Node root)
    {
        if (root is not MapNode map)
        {
            problems.Add(new ManifestProblem(Severity.Error, file, root.Line, root.Column, "", "not a manifest: a mapping with apiVersion, kind, metadata and spec is wanted", "see 'nasgitops explain'"));
            return new Document(file, null, [], null);
        }

        var metadata = map.Find("metadata")?.Value.Node as MapNode;
        var kindName = Text(map.Find("kind"));
        var name = Text(metadata?.Find("name"));
        ResourceId? id = kindName is not null && name is not null ? new ResourceId(kindName, name) : null;
        var hosts = (metadata?.Find("hosts")?.Value.Node as ListNode)?.Items.Select(i => (i.Node as ScalarNode)?.Text ?? "").ToList() ?? [];
        var faults = Faults(map, kindName, out var token);
        problems.AddRange(faults.Select(f => new ManifestProblem(Severity.Error, file, f.Line, f.Column, f.FieldPath, f.Message, f.WayOut, id)));
        var manifest = faults.Count == 0 ? Parse(file, map, metadata!, id!.Value, hosts, token!) : null;
        return new Document(file, id, hosts, manifest);
    }

    private IReadOnlyList<SchemaFault> Faults(MapNode map, string? kindName, out JObject? token)
    {
        token = null;
        var texts = TextRules.Find(map, out var mayMatch);
        if (!mayMatch) return texts;
        var schema = kindName is null || !kinds.ContainsKey(kindName) ? null : schemas.Find(kindName);
        if (schema is null)
        {
            IReadOnlyList<SchemaFault> known = kindName is null ? [] : [UnknownKind(map.Find("kind")!.Value, kindName)];
            return [.. SchemaFaults.Find(SchemaView.Of(WithoutKind.Value), Whole(map)), .. known, .. texts];
        }

        token = (JObject)map.ToToken();
        var errors = schema.Validate(token);
        if (errors.Count == 0) return texts;
        var faults = SchemaFaults.Find(SchemaView.Of(schema.Strict), Whole(map));
        return [.. faults.Count > 0 ? faults : errors.Select(e => Unexplained(map, e)), .. texts];
    }

    private SchemaFault UnknownKind(Slot place, string kindName) =>
        new(place.Line, place.Column, "kind", $"unknown kind '{Show.Text(kindName)}'{Nearest.Hint(kindName, schemas.Kinds)}", $"known kinds: {Show.List(schemas.Kinds)}");

    /// <summary>The validator refuses what we have no words for.</summary>
    private static SchemaFault Unexplained(MapNode map, NJsonSchema.Validation.ValidationError error)
    {
        var path = error.Path is { } pointer ? pointer.TrimStart('#', '/') : "";
        var (line, column) = FieldPath.Locate(map, path);
        return new SchemaFault(line, column, path, $"does not fit the schema: {error.Kind}", "see 'nasgitops explain'");
    }

    private Manifest? Parse(string file, MapNode map, MapNode metadata, ResourceId id, IReadOnlyList<string> hosts, JObject token)
    {
        var spec = token["spec"] as JObject ?? [];
        try
        {
            return new Manifest(
                id,
                new Provenance(file, map.Line, map.Column, commit),
                Texts(metadata, "labels"),
                Texts(metadata, "annotations"),
                hosts,
                (bool?)spec["suspend"] ?? false,
                (string?)spec["drift"] == "report" ? DriftMode.Report : DriftMode.Enforce,
                kinds[id.Kind].Parse(id.Name, spec),
                path => FieldPath.Locate(map, path));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            problems.Add(Guard.Fault(e, file, map.Line, map.Column, id));
            return null;
        }
    }

    private static Dictionary<string, string> Texts(MapNode metadata, string field) =>
        (metadata.Find(field)?.Value.Node as MapNode)?.Entries.ToDictionary(e => e.Key, e => ((ScalarNode)e.Value.Node).Text, StringComparer.Ordinal) ?? [];

    private static string? Text(Entry? entry) => entry?.Value.Node is ScalarNode { Type: ScalarType.Text } scalar ? scalar.Text : null;

    private static Slot Whole(MapNode map) => new(map, map.Line, map.Column);
}
