using System.Globalization;
using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Importing;

/// <summary>Takes out of imported manifests what would be refused, or would change the host: a field where that is enough, else the whole.</summary>
internal static class ImportRepair
{
    // Fields of plans that name no field of a manifest: a server that would be started, and a disk that has grown.
    private const string Service = "service";
    private const string Growth = "size of ";

    /// <param name="errors">Of documents named <c>INDEX.yaml</c>, by their place in the list.</param>
    public static void Mend(List<Imported> offered, IReadOnlyList<ManifestProblem> errors, List<LeftOut> leftOut)
    {
        foreach (var byDocument in errors.GroupBy(e => int.Parse(e.File.Split('.')[0], CultureInfo.InvariantCulture)).OrderByDescending(g => g.Key).ToList())
        {
            var (index, problem) = (byDocument.Key, byDocument.First());
            // The place of a dataset is what it is; one of the system is no storage to be managed.
            var isWhole = problem.FieldPath == "spec.mountpoint" && offered[index].Id.Kind == "Dataset";
            Mend(offered, index, isWhole ? null : problem.FieldPath, problem.Message, leftOut);
        }
    }

    /// <returns>Whether anything was mended, so that the rest is to be planned anew.</returns>
    public static bool Mend(List<Imported> offered, Plan plan, List<LeftOut> leftOut)
    {
        var mended = false;
        foreach (var change in plan.Changes)
        {
            if (Fault(change) is not { } fault) continue;
            var index = offered.FindIndex(o => o.Id == change.Id);
            if (index < 0 && change.Id.Kind == "SambaServer") index = offered.FindIndex(o => o.Id.Kind == "SmbShare");
            if (index < 0) continue;
            Mend(offered, index, FieldOf(change), fault, leftOut);
            mended = true;
        }

        foreach (var notice in plan.Notices.Where(n => n.Reason == Notice.Unknown))
        {
            var index = offered.FindIndex(o => o.Id == notice.Id);
            if (index < 0) continue;
            Mend(offered, index, null, notice.Message, leftOut);
            mended = true;
        }

        return mended;
    }

    /// <summary>Why a change is more than an adoption; null where it is none. A share that is taken over gets its own file, and is guarded better than before.</summary>
    private static string? Fault(Change change)
    {
        if (change.Disposition != Disposition.Apply) return $"{change.Message}";
        var isTakenOver = change.Id.Kind is "NfsExport" or "SmbShare" or "SambaServer";
        if (change.Action == ChangeAction.Adopt && isTakenOver) return change.Fields.FirstOrDefault(f => f.Name == Service && f.Before != f.After) is { } service ? $"smbd is {service.Before}" : null;
        if (change.Action == ChangeAction.Adopt && change.Fields.All(f => f.Recorded)) return null;
        if (change.Fields.Any(f => f.Name == DatasetFields.Mounted)) return "it is not mounted, and a pass would mount it; mount it, or set canmount=noauto, and import again";
        var fields = string.Join(", ", change.Fields.Take(3).Select(f => $"{f.Name} is {f.Before ?? "absent"} and would become {f.After ?? "absent"}"));
        return $"it would be changed ({change.Action.ToString().ToLowerInvariant()}): {fields}";
    }

    private static string? FieldOf(Change change) => change.Fields.FirstOrDefault(f => !f.Recorded)?.Name switch
    {
        null => null,
        var name when name.StartsWith("vdevs[", StringComparison.Ordinal) => "spec.vdevs",
        var name when name.StartsWith(Growth, StringComparison.Ordinal) => "spec.options.autoexpand",
        var name => "spec." + name,
    };

    private static void Mend(List<Imported> offered, int index, string? field, string why, List<LeftOut> leftOut)
    {
        var manifest = offered[index];
        var spec = (JsonObject)manifest.Spec.DeepClone();
        if (field is not null && Remove(spec, field) is { } removed)
        {
            offered[index] = (manifest with { Spec = spec }).With($"{removed} left out: {why}");
            return;
        }

        offered.RemoveAt(index);
        leftOut.Add(new LeftOut($"{manifest.Id}", why));
    }

    /// <summary>Takes out the optional field that a path names; null where it is not there, or stands for the whole.</summary>
    private static string? Remove(JsonObject spec, string path)
    {
        var parts = path.Split('.', 3);
        if (parts.Length < 2 || parts[0] != "spec") return null;
        var top = parts[1].Split('[')[0];
        if (top is "vdevs" or "devices" && (spec.Remove("vdevs") | spec.Remove("devices"))) return top;
        if (parts.Length == 3 && top is "properties" or "options" && spec[top] is JsonObject map && map.Remove(parts[2]))
        {
            if (map.Count == 0) spec.Remove(top);
            return $"{top}.{parts[2]}";
        }

        var isOptional = top is "mountpoint" or "quota" or "refquota" or "reservation" or "refreservation" or "dataProfile" or "metadataProfile" or "groups";
        return isOptional && spec.Remove(top) ? top : null;
    }
}
