using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Configuration;

/// <summary>The host's own settings: <c>/etc/nasgitops/agent.yaml</c>. They are not in the repository, so that what a commit may do to a host is not decided by a commit.</summary>
/// <param name="Host">The name under which manifests address this host.</param>
/// <param name="Hooks">Programs that schedules may name, with their arguments.</param>
internal sealed record AgentConfig(
    string Host, RepositoryConfig Repository, StatusConfig Status, ReconcileConfig Reconcile, SafetyConfig Safety, HttpConfig Http, string StateDirectory, HostPaths HostPaths,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Hooks)
{
    public const string DefaultPath = "/etc/nasgitops/agent.yaml";

    /// <summary>When clients may be cut off; at any time where there are none.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>The key that opens what lies encrypted in the repository; null where nothing does.</summary>
    public string? AgeIdentityFile { get; init; }

    public JournalLimits Journal { get; init; } = JournalLimits.Default;

    public Policy Policy => new(Reconcile.Mode, Safety.MaxRemovals, Safety.AllowEmpty) { Hooks = [.. Hooks.Keys.Order(StringComparer.Ordinal)], Windows = Windows };
}

/// <param name="Paths">Empty for the default: common (if there) and hosts/HOST.</param>
internal sealed record RepositoryConfig(GitRemote Remote, string Branch, IReadOnlyList<string> Paths, TimeSpan Interval)
{
    /// <summary>Whose commits are followed.</summary>
    public VerifyConfig Verify { get; init; } = VerifyConfig.None;
}

/// <param name="File">Where the status file is written.</param>
/// <param name="Branch">Null: no status commits.</param>
/// <param name="Heartbeat">After this long without a change a status commit is made all the same.</param>
/// <param name="Remote">Another repository for the status; null for the followed one.</param>
internal sealed record StatusConfig(string File, string? Branch, TimeSpan Heartbeat, GitRemote? Remote)
{
    /// <summary>The private SSH key that signs status commits; null leaves them unsigned.</summary>
    public string? SignKeyFile { get; init; }
}

internal sealed record ReconcileConfig(TimeSpan DriftInterval, ReconcileMode Mode);

internal sealed record SafetyConfig(int MaxRemovals, bool AllowEmpty);

/// <param name="Listen">Address and port; null where nothing is listened on.</param>
internal sealed record HttpConfig(string? Listen);
