using NasGitOps.Core.Observation;

namespace NasGitOps.Core.Planning;

/// <summary>Why a resource that needs a secret cannot be applied.</summary>
public static class SecretBlocker
{
    /// <summary>Null when the secret is there, and where no secrets are read at all (a plan without a host).</summary>
    public static Blocker? For(string secret, PlanInput input)
    {
        if (!input.Desired.SecretFingerprints.TryGetValue(secret, out var reading)) return null;
        return reading.State switch
        {
            ReadingState.Absent => new Blocker(
                "SecretMissing", $"secret '{secret}' is not on this host",
                $"put it into the systemd credentials of the unit, into {input.Paths.SecretsDirectory.TrimEnd('/')}/{secret} (0600, root), or as secrets/{secret}.age into the repository"),
            ReadingState.Unknown => new Blocker("SecretUnreadable", $"secret '{secret}' cannot be read: {reading.Reason}", "mend that; the next pass tries again"),
            _ => null,
        };
    }
}
