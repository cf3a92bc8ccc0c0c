using YamlDotNet.RepresentationModel;

namespace NasGitOps.LabTests.Lab;

/// <summary>A condition as the status has it.</summary>
public sealed record ConditionView(string Type, string Status, string Reason, string Message);

/// <summary>One resource as the status has it.</summary>
public sealed record ResourceView(string Kind, string Name, IReadOnlyList<ConditionView> Conditions)
{
    public bool IsReady => Conditions.Any(c => c is { Type: "Ready", Status: "True" });

    public bool Says(string reason) => Conditions.Any(c => c.Reason == reason);

    public override string ToString() => $"{Kind}/{Name}: {string.Join("; ", Conditions.Select(c => $"{c.Type}={c.Status} {c.Reason} {c.Message}"))}";
}

/// <summary>Reads /var/lib/nasgitops/status.yaml: the one place that knows its field names.</summary>
public sealed class StatusYaml
{
    private readonly YamlMappingNode root;

    private StatusYaml(string text, YamlMappingNode root)
    {
        Text = text;
        this.root = root;
        Conditions = ReadConditions(root);
        Resources = [.. Items(root, "resources").Select(ReadResource)];
    }

    public string Text { get; }

    public string? ObservedAt => Scalar(root, "observedAt");

    public string? LastAttemptedCommit => Scalar(root, "lastAttemptedCommit");

    public string? LastAppliedCommit => Scalar(root, "lastAppliedCommit");

    public string? InForceCommit => Scalar(root, "inForceCommit");

    public IReadOnlyList<ConditionView> Conditions { get; }

    public IReadOnlyList<ResourceView> Resources { get; }

    /// <summary>Each problem as its file, line, column, field path and message.</summary>
    public IReadOnlyList<(string File, int Line, string FieldPath, string Message)> Problems
        => [.. Items(root, "problems").Select(p => (Scalar(p, "file") ?? "", int.Parse(Scalar(p, "line") ?? "0", null), Scalar(p, "fieldPath") ?? Scalar(p, "field") ?? "", Scalar(p, "message") ?? ""))];

    public static StatusYaml? Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count > 0 && stream.Documents[0].RootNode is YamlMappingNode map ? new StatusYaml(text, map) : null;
    }

    public ResourceView? Find(string kind, string name) => Resources.FirstOrDefault(r => r.Kind == kind && r.Name == name);

    public override string ToString() => Text;

    private static ResourceView ReadResource(YamlMappingNode node)
    {
        var identity = Child(node, "resource") as YamlMappingNode ?? Child(node, "id") as YamlMappingNode ?? node;
        var kind = Scalar(identity, "kind");
        var name = Scalar(identity, "name");
        if (kind is null && Scalar(node, "id") is { } id)
            (kind, name) = (id.Split('/', 2)[0], id.Split('/', 2)[^1]);
        return new ResourceView(kind ?? "", name ?? "", ReadConditions(node));
    }

    private static List<ConditionView> ReadConditions(YamlMappingNode node)
        => [.. Items(node, "conditions").Select(c => new ConditionView(Scalar(c, "type") ?? "", Scalar(c, "status") ?? "", Scalar(c, "reason") ?? "", Scalar(c, "message") ?? ""))];

    private static IEnumerable<YamlMappingNode> Items(YamlMappingNode node, string name)
        => Child(node, name) is YamlSequenceNode items ? items.OfType<YamlMappingNode>() : [];

    private static string? Scalar(YamlMappingNode node, string name)
        => Child(node, name) is YamlScalarNode { Value: { Length: > 0 } value } && value is not ("null" or "~") ? value : null;

    private static YamlNode? Child(YamlMappingNode node, string name)
        => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;
}
