using System.Collections.Immutable;

namespace NasGitOps.Testing.Model;

/// <summary>How <c>zpool</c> changes what a pool is made of. Copying takes no time here.</summary>
internal static class ZpoolLayoutModel
{
    public static ModelResult Run(ModelState state, IReadOnlyList<string> arguments)
    {
        var force = arguments[1] == "-f";
        var words = arguments.Skip(force ? 2 : 1).ToList();
        var pool = state.Pools[words[0]];
        return arguments[0] switch
        {
            "add" => Add(state, pool, ZpoolModel.Vdevs(words[1..]), force),
            "attach" => Attach(state, pool, words[1], words[2], force),
            "replace" => Replace(state, pool, words[1], words[2], force),
            "detach" => Detach(state, pool, words[1]),
            _ => Remove(state, pool, words[1]),
        };
    }

    private static ModelResult Add(ModelState state, ModelPool pool, ImmutableList<ModelVdev> vdevs, bool force)
    {
        if (Refusal(state, vdevs.SelectMany(v => v.Disks), force) is { } refused) return refused;
        var data = pool.Vdevs.Where(v => v.Class is "data" or "special" or "dedup").Select(v => (v.Type, v.Disks.Count)).Distinct().ToList();
        if (data.Count == 1 && vdevs.Any(v => v.Class is "data" or "special" or "dedup" && v.Type != "stripe" | data[0].Type != "stripe" && (v.Type, v.Disks.Count) != data[0])) return ModelResult.Refused("mismatched replication level");
        return With(ZpoolModel.Taken(state, vdevs, pool.Name), pool, pool.Vdevs.AddRange(vdevs));
    }

    private static ModelResult Attach(ModelState state, ModelPool pool, string to, string disk, bool force)
    {
        if (Refusal(state, [disk], force) is { } refused) return refused;
        var index = pool.Vdevs.FindIndex(v => v.Disks.Any(d => IsNamed(d, to)));
        var raidz = pool.Vdevs.FindIndex(v => v.Type.StartsWith("raidz", StringComparison.Ordinal) && to.StartsWith(v.Type + "-", StringComparison.Ordinal));
        if (index < 0) index = raidz;
        if (index < 0 || (pool.Vdevs[index].Type != "mirror" && pool.Vdevs[index].Type != "stripe" && index != raidz)) return ModelResult.Refused($"cannot attach {disk} to {to}: can only attach to mirrors and top-level disks");
        if (pool.Vdevs[index].Class is "spare" or "cache") return ModelResult.Refused($"cannot attach {disk} to {to}: device is in use as a spare or cache");
        var wider = pool.Vdevs[index] with { Type = pool.Vdevs[index].Type == "stripe" ? "mirror" : pool.Vdevs[index].Type, Disks = pool.Vdevs[index].Disks.Add(disk) };
        return With(ZpoolModel.Taken(state, [wider], pool.Name), pool, pool.Vdevs.SetItem(index, wider));
    }

    private static ModelResult Replace(ModelState state, ModelPool pool, string old, string disk, bool force)
    {
        if (Refusal(state, [disk], force) is { } refused) return refused;
        var index = pool.Vdevs.FindIndex(v => v.Class is not ("spare" or "cache") && v.Disks.Any(d => IsNamed(d, old)));
        if (index < 0) return ModelResult.Refused($"cannot replace {old} with {disk}: no such device in pool");
        var vdev = pool.Vdevs[index];
        var changed = vdev with { Disks = vdev.Disks.SetItem(vdev.Disks.FindIndex(d => IsNamed(d, old)), disk) };
        return With(Given(ZpoolModel.Taken(state, [changed], pool.Name), vdev.Disks.Where(d => IsNamed(d, old)), pool.Name), pool, pool.Vdevs.SetItem(index, changed));
    }

    private static ModelResult Detach(ModelState state, ModelPool pool, string disk)
    {
        var index = pool.Vdevs.FindIndex(v => v.Type == "mirror" && v.Disks.Any(d => IsNamed(d, disk)));
        if (index < 0) return ModelResult.Refused($"cannot detach {disk}: only applicable to mirror and replacing vdevs");
        var vdev = pool.Vdevs[index];
        var left = vdev with { Disks = vdev.Disks.RemoveAll(d => IsNamed(d, disk)) };
        return With(Given(state, vdev.Disks.Where(d => IsNamed(d, disk)), pool.Name), pool, pool.Vdevs.SetItem(index, left.Disks.Count == 1 ? left with { Type = "stripe" } : left));
    }

    private static ModelResult Remove(ModelState state, ModelPool pool, string name)
    {
        var index = Enumerable.Range(0, pool.Vdevs.Count).FirstOrDefault(i => pool.Vdevs[i].Type == "stripe" ? IsNamed(pool.Vdevs[i].Disks[0], name) : name == $"{pool.Vdevs[i].Type}-{i}", -1);
        if (index < 0 || pool.Vdevs[index].Class is "data" or "special" or "dedup") return new ModelResult(state, "", null, $"zpool remove takes {name}, which holds data");
        return With(Given(state, pool.Vdevs[index].Disks, pool.Name), pool, pool.Vdevs.RemoveAt(index));
    }

    /// <summary>A path that is not there is refused; <c>zpool</c> takes what carries no signature, and that must never be asked of it.</summary>
    private static ModelResult? Refusal(ModelState state, IEnumerable<string> disks, bool force)
    {
        foreach (var disk in disks)
        {
            if (!state.Disks.TryGetValue(disk, out var carries)) return ModelResult.Refused($"cannot resolve path '{disk}'");
            if (carries.StartsWith("a member of", StringComparison.Ordinal)) return ModelResult.Refused($"{disk} is part of an active pool");
            if (carries.Length > 0 && !force) return new ModelResult(state, "", null, $"zpool takes {disk}, which carries {carries}");
        }

        return null;
    }

    private static ModelState Given(ModelState state, IEnumerable<string> disks, string pool) =>
        state with { Disks = state.Disks.SetItems(disks.Where(state.Disks.ContainsKey).Select(d => KeyValuePair.Create(d, $"what pool {pool} left on it"))) };

    private static ModelResult With(ModelState state, ModelPool pool, ImmutableList<ModelVdev> vdevs) => ModelResult.Done(state with { Pools = state.Pools.SetItem(pool.Name, pool with { Vdevs = vdevs }) });

    private static bool IsNamed(string disk, string name) => disk == name || ZpoolModel.GuidOf(disk) == name;
}
