using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SambaServer;
using Newtonsoft.Json.Linq;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>Sections of smb.conf as manifests that take them over: those that our file can serve as smbd serves them now.</summary>
internal static class SmbShareImport
{
    private static readonly SnapshotView NoView = new("", "");
    private static readonly Row Empty = new Dictionary<string, string>();

    /// <summary>Our files add them, and nothing that is there is read otherwise because of it.</summary>
    private static readonly HashSet<string> Added = ["vfs objects", "fruit:metadata", "fruit:resource", "fruit:convert_adouble"];

    // Said in other words by a manifest; ForeignAccess holds them to be the same.
    private static readonly HashSet<string> OfAccess = ["read only", "valid users", "invalid users", "write list", "read list", "guest ok"];

    public static ImportOffer Of(ImportContext context)
    {
        var shares = context.Observed.Facts(SmbShareKind.KindName);
        var server = context.Observed.Facts(SambaServerKind.KindName);
        if (shares.State == Core.Observation.ReadingState.Unknown || server.State == Core.Observation.ReadingState.Unknown) return new ImportOffer([], [new LeftOut("SMB shares", shares.Reason ?? server.Reason ?? "they could not be read")]);
        if (!shares.IsKnown(out var known) || !server.IsKnown(out var globalFacts)) return ImportOffer.Nothing;
        var globals = globalFacts.Table(SambaFacts.Effective).GetValueOrDefault(SambaFacts.GlobalRow) ?? Empty;
        var conf = SambaServerPlanner.Text(globalFacts, SambaFacts.SmbConfRow) ?? "";
        var manifests = new List<Imported>();
        var leftOut = new List<LeftOut>();
        foreach (var (name, section) in known.Table(SambaFacts.Foreign).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (Manifest(name, section, globals, conf, context, out var why) is { } spec)
            {
                manifests.Add(new Imported(new ResourceId(SmbShareKind.KindName, name), spec, ["Served by a section of smb.conf until now. New are the modules catia, fruit and streams_xattr, for clients that connect from then on."]));
            }
            else
            {
                leftOut.Add(new LeftOut($"share [{name}]", why));
            }
        }

        return new ImportOffer(manifests, leftOut);
    }

    private static JsonObject? Manifest(string name, Row section, Row globals, string conf, ImportContext context, out string why)
    {
        why = SmbShareChecks.NameRefusal(name) ?? "";
        if (why.Length > 0) return null;
        why = "it stands not exactly once in smb.conf itself, or brings in other files";
        if (SmbConfSection.Find(conf, name) is not { } text || SmbConfSection.BringsIn(text) is not null) return null;
        why = "it lies on no mounted dataset that is described";
        if (context.DatasetAt(section.GetValueOrDefault("path", "").TrimEnd('/')) is not { } place) return null;
        if (ForeignAccess.Read(section, globals, out why) is not { } access) return null;

        var spec = new JsonObject { ["dataset"] = place.Dataset.Name };
        if (place.Subpath.Length > 0) spec["subpath"] = place.Subpath;
        if (section.GetValueOrDefault("comment") is { Length: > 0 } comment) spec["comment"] = comment;
        spec["access"] = Access(access);
        if (Files(section, globals) is { Count: > 0 } files) spec["files"] = files;
        if (Value("browseable", section, globals) == "no") spec["hidden"] = true;
        spec["takeOver"] = true;
        var options = section.Where(p => ShareParameters.Options.ContainsKey(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
        if (options.Count > 0) spec["options"] = new JsonObject(options.Select(o => KeyValuePair.Create<string, JsonNode?>(o.Key, o.Value)));
        why = Difference(spec, section, globals, place.Dataset.Mountpoint!, place.Subpath) ?? "";
        return why.Length == 0 ? spec : null;
    }

    private static JsonObject Access(ShareAccess access)
    {
        var written = new JsonObject();
        if (access.ReadWrite.Count > 0) written["readWrite"] = Names(access.ReadWrite);
        if (access.ReadOnly.Count > 0) written["readOnly"] = Names(access.ReadOnly);
        if (access.Deny.Count > 0) written["deny"] = Names(access.Deny);
        if (access.Guest != GuestAccess.None) written["guest"] = access.Guest == GuestAccess.ReadOnly ? "readOnly" : "readWrite";
        return written;
    }

    private static JsonObject Files(Row section, Row globals)
    {
        var files = new JsonObject();
        if (Value("inherit permissions", section, globals) == "yes" && Value("inherit acls", section, globals) == "yes") files["inherit"] = true;
        if (Value("force group", section, globals) is { Length: > 0 } group) files["forceGroup"] = group;
        foreach (var (field, mask, force) in new[] { ("fileMode", "create mask", "force create mode"), ("directoryMode", "directory mask", "force directory mode") })
        {
            if (Value(mask, section, globals) == Value(force, section, globals)) files[field] = Value(mask, section, globals);
        }

        return files;
    }

    /// <summary>What our section would change of what smbd does now; null where it only adds.</summary>
    private static string? Difference(JsonObject written, Row section, Row globals, string root, string subpath)
    {
        var path = subpath.Length == 0 ? root : $"{root.TrimEnd('/')}/{subpath}";
        var ours = SmbShareRendering.Section(SmbShareSpec.Parse(JObject.Parse(written.ToJsonString())), path, NoView).ToDictionary(p => p.Key, p => p.Value);
        foreach (var (name, value) in section.Where(s => s.Key != "path"))
        {
            if (ShareParameters.Find(name) is not { } known || (!ours.ContainsKey(name) && !known.IsDefault(value))) return $"a manifest cannot say '{name} = {value}'";
        }

        var modules = SambaParameter.Words(Value("vfs objects", section, globals)).ToHashSet();
        if (modules.Except(SambaParameter.Words(ours["vfs objects"])).FirstOrDefault() is { } module) return $"it uses the module {module}, with settings that a manifest does not have";
        foreach (var (name, value) in ours.Where(o => o.Key != "path" && !OfAccess.Contains(o.Key)))
        {
            // Without the module its settings mean nothing; with it, what it stored is to be found again.
            if (Added.Contains(name) && (name == "vfs objects" || !modules.Contains("fruit"))) continue;
            var known = ShareParameters.Find(name)!;
            if (known.Refusal(value) is { } refusal && value.Length > 0) return $"'{name} = {value}' cannot be written: {refusal}";
            if (Value(name, section, globals) is var now && now != known.Canonical(value)) return $"'{name}' is '{now}', and would become '{value}'";
        }

        return null;
    }

    private static string Value(string parameter, Row section, Row globals) => ShareParameters.Find(parameter) is { } known ? known.Canonical(SambaFacts.Value(known, section, globals)) : "";

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(n => (JsonNode?)n)]);
}
