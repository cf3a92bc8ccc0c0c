namespace NasGitOps.Core.Snapshots;

/// <summary>A spec whose snapshots others show: a share its previous versions.</summary>
public interface ISnapshotSource
{
    /// <summary>As <c>auto-hourly_GMT-%Y…</c>.</summary>
    string NameFormat { get; }

    /// <summary>Whether it takes snapshots of a dataset that lies on the host.</summary>
    bool Covers(string dataset);
}
