using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Foreign exports as manifests that take them over: those that our file can serve as they are served now, which is asked of the kernel's own table.</summary>
internal static class NfsExportImport
{
    // What etab says where somebody deviated from the usual, and that a client of a manifest has a field for.
    private const string Anonymous = "65534";

    public static ImportOffer Of(ImportContext context)
    {
        var reading = context.Observed.Facts(NfsExportKind.KindName);
        if (!reading.IsKnown(out var known)) return new ImportOffer([], [new LeftOut("NFS exports", reading.Reason ?? "they could not be read")]);
        var facts = ExportFacts.Of(known);
        var manifests = new List<Imported>();
        var leftOut = new List<LeftOut>();
        foreach (var export in facts.Foreign.GroupBy(f => f.Path).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var files = string.Join(", ", export.Select(e => e.File).Distinct());
            if (Manifest(export.Key, [.. export.Select(e => e.Client).Distinct()], facts, context, out var why) is { } spec)
            {
                manifests.Add(new Imported(new ResourceId(NfsExportKind.KindName, Unique(export.Key, manifests)), spec, [$"Exported by {files} until now. New are two guards: it is never exported while its dataset is not mounted, and its fsid is fixed."]));
            }
            else
            {
                leftOut.Add(new LeftOut($"export {export.Key} of {files}", why));
            }
        }

        return new ImportOffer(manifests, leftOut);
    }

    private static JsonObject? Manifest(string path, IReadOnlyList<string> clients, ExportFacts facts, ImportContext context, out string why)
    {
        why = "it lies on no mounted dataset that is described";
        if (context.DatasetAt(path) is not { } place) return null;
        var spec = new JsonObject { ["dataset"] = place.Dataset.Name };
        if (place.Subpath.Length > 0) spec["subpath"] = place.Subpath;
        var written = new JsonArray();
        var shapes = new HashSet<string>();
        var isPublic = false;
        IReadOnlyList<string> options = [];
        var crosses = false;
        foreach (var host in clients)
        {
            if (facts.Effective.FirstOrDefault(e => e.Path == path && ClientComparison.Named(host, e.Client)) is not { } effective)
            {
                why = $"'exportfs -v' does not show it for {host}: see why, and import again";
                return null;
            }

            options = [.. effective.Options.Where(ExportOptions.Allowed.ContainsKey).Order(StringComparer.Ordinal)];
            crosses = effective.Options.Contains("crossmnt");
            shapes.Add($"{crosses} {string.Join(',', options)}");
            isPublic |= ClientHost.IsEveryone(host) && effective.Options.Contains("rw");
            written.Add(Client(host, effective.Options));
        }

        spec["clients"] = written;
        if (!crosses) spec["nestedDatasets"] = false;
        if (options.Count > 0) spec["options"] = new JsonArray([.. options.Select(o => (JsonNode?)o)]);
        if (isPublic) spec["public"] = true;
        spec["takeOver"] = true;
        why = shapes.Count > 1 ? "its clients differ in crossmnt or in further options, which are of a whole export here" : Difference(spec, path, place.Dataset.Mountpoint!, place.Subpath, facts) ?? "";
        return why.Length == 0 ? spec : null;
    }

    private static JsonObject Client(string host, IReadOnlyList<string> options)
    {
        var client = new JsonObject { ["host"] = host, ["access"] = options.Contains("rw") ? "rw" : "ro" };
        if (options.Contains("all_squash")) client["squash"] = "all";
        else if (options.Contains("no_root_squash")) client["squash"] = "none";
        if (Value(options, "anonuid") is { } uid && uid != Anonymous && uint.TryParse(uid, out var user)) client["anonUid"] = user;
        if (Value(options, "anongid") is { } gid && gid != Anonymous && uint.TryParse(gid, out var group)) client["anonGid"] = group;
        if (Value(options, "sec") is { } security && security != "sys") client["security"] = new JsonArray([.. security.Split(':').Select(s => (JsonNode?)s)]);
        return client;
    }

    /// <summary>What our line would change of what the kernel does now, but for the guard; null where nothing is.</summary>
    private static string? Difference(JsonObject written, string path, string root, string subpath, ExportFacts facts)
    {
        var spec = NfsExportSpec.Parse(JObject.Parse(written.ToJsonString()));
        var guard = subpath.Length == 0 ? null : root;
        foreach (var client in spec.Clients)
        {
            var now = facts.Effective.First(e => e.Path == path && ClientComparison.Named(client.Host, e.Client));
            if (ExportOptions.Fsid(now.Options) is 0 or > int.MaxValue) return "it has an fsid that is not kept here (0 is the root of NFSv4)";
            var (before, after) = (Unguarded(ExportOptions.Canonical(now.Options, guard)), Unguarded(ExportOptions.Canonical(ExportOptions.Render(spec, client, fsid: 1, guard).Split(','), guard)));
            if (before != after) return $"{client.Host} has {before}, and a manifest can say no more than {after}";
        }

        return null;
    }

    private static string Unguarded(string canonical) => string.Join(',', canonical.Split(',').Where(o => o != "unguarded"));

    private static string? Value(IEnumerable<string> options, string name) => options.FirstOrDefault(o => o.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private static string Unique(string path, List<Imported> taken)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        var name = string.Concat(last.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' ? c : '-')).TrimStart('_', '.', '-');
        if (name.Length == 0) name = "export";
        var unique = name;
        for (var i = 2; taken.Exists(t => t.Id.Name == unique); i++) unique = $"{name}-{i}";
        return unique;
    }
}
