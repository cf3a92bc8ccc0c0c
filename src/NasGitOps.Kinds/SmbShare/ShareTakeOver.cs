using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Samba;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>A section of smb.conf that a manifest takes over.</summary>
internal static class ShareTakeOver
{
    public const string FieldName = "takeOver";

    /// <summary>The foreign section as smbd serves it; null where there is none, or the manifest does not take it over.</summary>
    public static Row? Section(string name, SmbShareSpec spec, KindFacts shares) =>
        spec.TakeOver ? shares.Table(SambaFacts.Foreign).FirstOrDefault(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value : null;

    /// <summary>Why it cannot be taken out of smb.conf; null where it can.</summary>
    public static Blocker? Problem(string name, KindFacts server, PlanInput input)
    {
        var path = SambaPaths.Of(input.Paths).SmbConf;
        if (Text(name, server) is not { } text) return new Blocker("TakeOverImpossible", $"section [{name}] stands not exactly once in {path}: a file that it includes has it, or it is written twice", $"move it into {path}, once");
        if (SmbConfSection.BringsIn(text) is { } parameter) return new Blocker("TakeOverImpossible", $"section [{name}] of {path} has '{parameter}', so what stands in it is not all of it", "write out what that brings in, and take it out");
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? new Blocker("TakeOverImpossible", $"section [{name}] of {path} holds bytes that are not UTF-8", $"convert it: iconv -f latin1 -t utf-8 {path}") : null;
    }

    /// <summary>Done once our file alone defines it.</summary>
    public static IEnumerable<Field> Fields(SmbShareSpec spec, Row? foreign)
    {
        if (spec.TakeOver) yield return new Field(FieldName, "done", foreign is null ? "done" : "smb.conf", foreign is null);
    }

    /// <summary>A field by which nobody loses anything: those who may enter may do what they could, and modules are only added, for who connects from now on.</summary>
    public static Field Judged(Field field, SmbShareSpec spec, Row foreign, Row globals)
    {
        var isSame = field.Name switch
        {
            "read only" or "valid users" or SmbShareFields.ReadWrite or SmbShareFields.ReadOnly or SmbShareFields.Deny or SmbShareFields.Guest => ForeignAccess.Read(foreign, globals, out _) is { } access && ForeignAccess.Equal(access, spec.Access),
            "vfs objects" => !SambaParameter.Words(field.Actual ?? "").Except(SambaParameter.Words(field.Desired ?? "")).Any(),
            _ => false,
        };
        return isSame ? field with { Risk = Risk.Safe } : field;
    }

    public static IEnumerable<Step> Steps(string name, KindFacts server, SambaPaths paths)
    {
        if (Text(name, server) is { } text) yield return new TakeOut(paths.SmbConf, text, paths.SmbConf + TakeOut.Suffix);
    }

    private static string? Text(string name, KindFacts server) =>
        server.Table(SambaFacts.Files).GetValueOrDefault(SambaFacts.SmbConfRow)?.GetValueOrDefault(SambaFacts.Text) is { } conf ? SmbConfSection.Find(conf, name) : null;
}
