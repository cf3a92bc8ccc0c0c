using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>The clients of one export, wanted against effective, as a map from client to canonical options.</summary>
/// <remarks>
/// <c>exportfs</c> writes the canonical name of a host (<c>nas2</c> becomes <c>nas2.lan</c>), and leaves out a host that does not resolve, with exit
/// code 0: the first is the same client, the second a notice and no drift, or it would be corrected for ever. One that a name service knows
/// was withdrawn by hand, or could not be resolved when the exports were read, and is exported again.
/// </remarks>
internal sealed class ClientComparison
{
    private readonly ResourceId id;
    private readonly ExportPlace place;
    private readonly ExportFacts facts;
    private readonly NfsExportSpec spec;
    private readonly Dictionary<string, ExportEntry> effective;
    private readonly List<Field> fields = [];
    private readonly List<Notice> notices = [];

    /// <param name="stands">Whether our file is installed just as it should be.</param>
    public ClientComparison(ResourceId id, NfsExportSpec spec, ExportPlace place, bool stands, ExportFacts facts, PlanInput input)
    {
        this.id = id;
        this.spec = spec;
        this.place = place;
        this.facts = facts;
        var guard = place.Subpath.Length == 0 ? null : place.Root;
        effective = facts.Effective.Where(e => e.Path == place.Path).DistinctBy(e => e.Client).ToDictionary(e => e.Client);
        var rest = effective.Values.ToDictionary(e => e.Client, e => ExportOptions.Canonical(e.Options, guard));
        var wanted = spec.Clients.Select(c => (c.Host, Options: Wanted(c))).OrderBy(c => c.Host, StringComparer.Ordinal).ToList();
        var exact = wanted.Where(c => rest.ContainsKey(c.Host)).ToDictionary(c => c.Host, c => rest[c.Host]);
        foreach (var host in exact.Keys) rest.Remove(host);
        foreach (var (host, options) in wanted)
        {
            var actual = exact.GetValueOrDefault(host) ?? TakeByCanonicalName(host, options, rest);
            if (actual is null && stands && ClientHost.IsName(host) && !facts.Resolves(host))
            {
                notices.Add(new Notice(id, "HostNotResolved", $"client '{host}' does not resolve on this host, so it has no access; getent hosts {host} shows it", Degraded: true));
                // Until it is recorded the file may be installed and not loaded yet, as a kill between the two leaves it.
                var isRecorded = input.Record(id)?.Fields.GetValueOrDefault(Name(host)) == options;
                fields.Add(new Field(Name(host), options, isRecorded ? options : null, isRecorded) { Recorded = !isRecorded });
                continue;
            }

            fields.Add(new Field(Name(host), options, actual, actual == options, Risk: actual is null || IsOnlyGuarded(actual, options) ? Risk.Safe : Risk.Disruptive));
        }

        foreach (var (client, options) in rest.Where(r => !NfsExportPlanner.ExportedByOthers(effective[r.Key], id, facts, input)).OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            fields.Add(new Field(Name(client), null, options, Equal: false, Risk: Risk.Disruptive));
        }
    }

    public IReadOnlyList<Field> Fields => fields;

    public IReadOnlyList<Notice> Notices => notices;

    /// <summary>Clients that have access now and get another, or none.</summary>
    public IReadOnlyList<string> Disrupted => [.. fields.Where(f => f is { Equal: false, Actual: not null, Risk: Risk.Disruptive }).Select(f => f.Name["clients[".Length..^1])];

    /// <summary>The number that is effective for a client of ours, where it is another one than the wanted.</summary>
    public uint? OtherFsid(uint wanted) =>
        spec.Clients.Select(c => effective.GetValueOrDefault(c.Host)).OfType<ExportEntry>().Select(e => ExportOptions.Fsid(e.Options)).FirstOrDefault(f => f is not null && f != wanted);

    /// <summary>Of two lines with the same path and client the first file wins, and <c>/etc/exports</c> is read first.</summary>
    public Blocker? ForeignExport()
    {
        var twin = facts.Foreign.FirstOrDefault(f => f.Path == place.Path && spec.Clients.Any(c => c.Host == f.Client));
        return twin.File is null
            ? null
            : new Blocker("ForeignExport", $"{twin.File} already exports {place.Path} to {twin.Client}", $"take that line out of {twin.File} to have {id} manage it, or say takeOver: true");
    }

    /// <summary>Whether a client as written is the one etab names, by its own or its canonical name.</summary>
    public static bool Named(string written, string effective) =>
        written == effective || (ClientHost.IsName(written) && effective.StartsWith(written + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>Nobody notices that it would not be exported while its dataset is not mounted.</summary>
    private static bool IsOnlyGuarded(string actual, string wanted) => string.Join(',', actual.Split(',').Where(o => o != "unguarded")) == wanted;

    private static string Name(string host) => $"clients[{host}]";

    private string? TakeByCanonicalName(string host, string options, Dictionary<string, string> rest)
    {
        if (!ClientHost.IsName(host)) return null;
        var names = rest.Where(r => ClientHost.IsName(r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal).ToList();
        var found = names.FirstOrDefault(r => Named(host, r.Key)).Key ?? names.FirstOrDefault(r => r.Value == options).Key;
        if (found is null || !rest.Remove(found, out var actual)) return null;
        if (!Named(host, found)) notices.Add(new Notice(id, "HostHasOtherName", $"client '{host}' seems to be '{found}' to the NFS server; 'getent hosts {host}' shows whether it is", Degraded: false));
        return actual;
    }

    private string Wanted(NfsClient client)
    {
        // The way through the rendered options keeps one place that knows what a client means.
        var guard = place.Subpath.Length == 0 ? null : place.Root;
        return ExportOptions.Canonical(ExportOptions.Render(spec, client, fsid: 1, guard).Split(','), guard);
    }
}
