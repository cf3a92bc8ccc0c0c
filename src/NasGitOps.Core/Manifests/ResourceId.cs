namespace NasGitOps.Core.Manifests;

/// <summary>Names a resource: its kind and its name, written <c>Dataset/tank/media</c>.</summary>
public readonly record struct ResourceId(string Kind, string Name) : IComparable<ResourceId>
{
    /// <summary>Reads <c>KIND/NAME</c>; the name may itself contain slashes.</summary>
    public static ResourceId? TryParse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new ResourceId(text[..slash], text[(slash + 1)..]) : null;
    }

    public int CompareTo(ResourceId other)
    {
        var byKind = string.CompareOrdinal(Kind, other.Kind);
        return byKind != 0 ? byKind : string.CompareOrdinal(Name, other.Name);
    }

    public override string ToString() => $"{Kind}/{Name}";
}
