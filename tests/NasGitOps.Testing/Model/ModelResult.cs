namespace NasGitOps.Testing.Model;

/// <summary>How a command ended.</summary>
/// <param name="State">The host after it; null where it was refused and nothing changed.</param>
/// <param name="Violation">Something that must never happen on anybody's host, though the command succeeded.</param>
public sealed record ModelResult(ModelState? State, string Output, string? Refusal, string? Violation = null)
{
    public static ModelResult Done(ModelState state, string output = "") => new(state, output, null);

    public static ModelResult Refused(string why) => new(null, "", why);
}
