using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Ownership;

/// <summary>What becomes of a dataset whose manifest goes away. It counts as stored at the last applied commit: changed and deleted in one commit, it is the old one.</summary>
/// <param name="KeepFor">How long it lies in quarantine before it is destroyed; null to keep it as it is, for ever.</param>
public sealed record DeletionPolicy(TimeSpan? KeepFor)
{
    public static readonly TimeSpan DefaultKeepFor = TimeSpan.FromDays(14);

    private const string QuarantineWord = "quarantine ";

    /// <summary>Nothing is done: an orphan.</summary>
    public static DeletionPolicy Retain { get; } = new((TimeSpan?)null);

    /// <summary>As a mark or a field holds it: <c>retain</c>, or <c>quarantine 14d</c>.</summary>
    public override string ToString() => KeepFor is { } span ? QuarantineWord + Duration.Format(span) : "retain";

    /// <summary>What is not understood keeps everything.</summary>
    public static DeletionPolicy Parse(string text) =>
        text.StartsWith(QuarantineWord, StringComparison.Ordinal) && Duration.TryParse(text[QuarantineWord.Length..], out var span) && span > TimeSpan.Zero ? new(span) : Retain;
}
