using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>The number that is part of every file handle of an export.</summary>
/// <remarks>
/// It outlives renames: clients that had the export mounted go on after the dataset was renamed and exported under the same number, and hang
/// when it comes back under another (seen on Linux 6.12 with NFSv4.2). It must change when the export shows another dataset, or old handles would
/// name other files. Chosen below 2³¹, since etab prints larger ones as negative numbers.
/// </remarks>
internal static class FsidAllocation
{
    private static readonly ConditionalWeakTable<PlanInput, IReadOnlyDictionary<ResourceId, uint>> Allocated = [];

    /// <summary>The numbers of all declared exports; equal places share one, and the order of manifests does not matter.</summary>
    public static IReadOnlyDictionary<ResourceId, uint> Of(PlanInput input, ExportFacts facts) => Allocated.GetValue(input, i => Allocate(i, facts));

    private static Dictionary<ResourceId, uint> Allocate(PlanInput input, ExportFacts facts)
    {
        var places = input.Desired.Manifests.OfSpec<NfsExportSpec>()
            .Select(m => (m.Manifest.Id, m.Spec, Place: ExportPlace.Find(m.Spec, input.Desired.Manifests, input.Observed)))
            .Where(m => m.Place is not null)
            .Select(m => (m.Id, m.Spec, Place: m.Place!))
            .ToList();
        var paths = places.Select(p => p.Place.Path).ToHashSet();
        var taken = facts.Effective.Where(e => !paths.Contains(e.Path)).Select(e => ExportOptions.Fsid(e.Options)).OfType<uint>().ToHashSet();
        var numbers = new Dictionary<ResourceId, uint>();
        var byPlace = new Dictionary<(string, string), uint>();
        foreach (var (id, spec, place) in places)
        {
            if ((Kept(id, place, input, facts) ?? ExportTakeOver.Fsid(spec, place, facts)) is { } kept && byPlace.TryAdd((place.Dataset, place.Subpath), kept)) taken.Add(kept);
        }

        foreach (var (id, _, place) in places)
        {
            var key = (place.Dataset, place.Subpath);
            if (!byPlace.TryGetValue(key, out var number))
            {
                number = Derive(place, input);
                while (!taken.Add(number)) number = Next(number);
                byPlace[key] = number;
            }

            numbers[id] = number;
        }

        return numbers;
    }

    /// <summary>The number of the record, else of our file, while it stands for the same files.</summary>
    private static uint? Kept(ResourceId id, ExportPlace place, PlanInput input, ExportFacts facts)
    {
        if (input.Record(id)?.Fields is { } fields
            && uint.TryParse(fields.GetValueOrDefault(NfsExportPlanner.Fsid), NumberStyles.None, CultureInfo.InvariantCulture, out var recorded))
        {
            return recorded != 0 && SameFiles(fields.GetValueOrDefault(NfsExportPlanner.Dataset, ""), fields.GetValueOrDefault(NfsExportPlanner.Subpath, ""), place, input) ? recorded : null;
        }

        var file = facts.Ours.GetValueOrDefault(OurExportFile.FileName(id.Name));
        return file is { Fsid: > 0 } && SameFiles(file.Dataset, file.Subpath, place, input) ? file.Fsid : null;
    }

    /// <summary>A dataset that was exported and is neither there nor declared any more was renamed to what is exported now.</summary>
    private static bool SameFiles(string dataset, string subpath, ExportPlace place, PlanInput input) =>
        subpath == place.Subpath
        && (dataset == place.Dataset || (input.Desired.Manifests.FindDataset(dataset) is null && input.Observed.Dataset(dataset).State == ReadingState.Absent));

    private static uint Derive(ExportPlace place, PlanInput input)
    {
        var dataset = input.Observed.Dataset(place.Dataset).Value is { } state ? $"guid {state.Guid}" : $"name {place.Dataset}";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{dataset}\n{place.Subpath}"));
        return (BinaryPrimitives.ReadUInt32BigEndian(hash) % int.MaxValue) + 1;
    }

    private static uint Next(uint number) => number >= int.MaxValue ? 1 : number + 1;
}
