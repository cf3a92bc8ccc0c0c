using System.Globalization;
using System.Text;

namespace NasGitOps.Benchmarks;

/// <summary>Writes repositories of a given size; the same size gives the same bytes.</summary>
internal static class Generate
{
    private const string Header = "apiVersion: nasgitops.io/v1\nkind: ";

    /// <summary>A pool, a group, and then datasets, exports and shares in equal parts, ten manifests a file.</summary>
    public static int ForValidate(string folder, int count)
    {
        var manifests = new List<string> { Pool("virtio-NAS01", "virtio-NAS02"), Group() };
        for (var n = 0; manifests.Count < count; n++)
        {
            manifests.Add(Dataset(n));
            if (manifests.Count < count)
                manifests.Add(Export(n));
            if (manifests.Count < count)
                manifests.Add(Share(n));
        }

        return Write(folder, manifests);
    }

    /// <summary>What issue 2 measures a pass on.</summary>
    public static int ForHost(string folder)
        => Write(folder,
        [
            Pool("virtio-NAS01", "virtio-NAS02"),
            Group(),
            .. Enumerable.Range(0, 100).Select(Dataset),
            .. Enumerable.Range(0, 50).Select(Export),
            .. Enumerable.Range(0, 50).Select(Share),
        ]);

    private static int Write(string folder, List<string> manifests)
    {
        var target = Path.Combine(folder, "hosts", "nas1");
        Directory.CreateDirectory(target);
        var number = 0;
        foreach (var file in manifests.Chunk(10))
            File.WriteAllText(Path.Combine(target, $"{number++:0000}.yaml"), string.Join("---\n", file), new UTF8Encoding(false));
        Console.WriteLine($"{manifests.Count} manifests in {number} files under {target}");
        return 0;
    }

    private static string Pool(params string[] disks) => $$"""
        {{Header}}Pool
        metadata: {name: tank}
        spec:
          backend: zfs
          vdevs: [{type: mirror, disks: [{{string.Join(", ", disks.Select(d => $"/dev/disk/by-id/{d}"))}}]}]
          options: {ashift: 12}
          properties: {compression: zstd, atime: "off"}
          mountpoint: /tank

        """;

    private static string Group() => $$"""
        {{Header}}Group
        metadata: {name: office}
        spec: {gid: 3000}

        """;

    private static string Dataset(int n) => $$"""
        {{Header}}Dataset
        metadata:
          name: tank/d{{Number(n)}}
          labels: {team: t{{n % 7}}}
        spec:
          quota: {{1 + n % 9}}GiB
          properties: {recordsize: 1M, compression: {{(n % 2 == 0 ? "lz4" : "zstd")}}, xattr: sa}
          permissions: {owner: root, group: office, mode: "2770"}

        """;

    private static string Export(int n) => $$"""
        {{Header}}NfsExport
        metadata: {name: e{{Number(n)}}}
        spec:
          dataset: tank/d{{Number(n)}}
          clients:
            - {host: 10.{{n % 200}}.0.0/16, access: rw, squash: root}
            - {host: 10.201.{{n % 250}}.0/24, access: ro, squash: all}

        """;

    private static string Share(int n) => $$"""
        {{Header}}SmbShare
        metadata: {name: s{{Number(n)}}}
        spec:
          dataset: tank/d{{Number(n)}}
          comment: Number {{n}}
          access: {readWrite: ["@office"]}

        """;

    private static string Number(int n) => n.ToString("0000", CultureInfo.InvariantCulture);
}
