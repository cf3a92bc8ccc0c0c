using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace NasGitOps.LabTests.CommandLine;

/// <summary>Whatever stands in a repository, the answer is exit code 1 and a clear error with its place, soon and in bounded memory.</summary>
[Trait("Category", "CommandLine")]
public sealed class BadInput
{
    private const string Header = "apiVersion: nasgitops.io/v1\n";

    /// <summary>Title, manifest, and the line of the error (0: any).</summary>
    public static TheoryData<string, string, int> Manifests => new()
    {
        { "malformed YAML", Header + "kind: Dataset\nmetadata: {name: tank/a\nspec: {}\n", 0 },
        { "a tab as indentation", Header + "kind: Dataset\nmetadata:\n\tname: tank/a\nspec: {}\n", 4 },
        { "only a scalar", "just a text\n", 1 },
        { "a list", "- a\n- b\n", 1 },
        { "no kind", Header + "metadata: {name: tank/a}\nspec: {}\n", 0 },
        { "an unknown kind", Header + "kind: Datset\nmetadata: {name: tank/a}\nspec: {}\n", 2 },
        { "an unknown version", "apiVersion: nasgitops.io/v9\nkind: Dataset\nmetadata: {name: tank/a}\nspec: {}\n", 1 },
        { "a wrong type", Dataset("tank/a", "  quota: [1, 2]\n"), 5 },
        { "a quota that is no size", Dataset("tank/a", "  quota: plenty\n"), 5 },
        { "a boolean where on or off is meant", Dataset("tank/a", "  properties: {atime: false}\n"), 5 },
        { "a mode that is not quoted", Dataset("tank/a", "  permissions: {owner: root, mode: 0755}\n"), 5 },
        { "an unknown field", Dataset("tank/a", "  qouta: 1GiB\n"), 5 },
        { "a duplicate key", Dataset("tank/a", "  quota: 1GiB\n  quota: 2GiB\n"), 6 },
        { "a tag that constructs a type", Dataset("tank/a", "  quota: !!python/object:os.system x\n"), 5 },
        { "a .NET type tag", Dataset("tank/a", "  quota: !System.Diagnostics.Process {}\n"), 5 },
        { "an alias of itself", Dataset("tank/a", "  properties: &p {x: *p}\n"), 0 },
        { "a key that is a map", Dataset("tank/a", "  ? {a: b}\n  : c\n"), 0 },
        { "a parent that nobody declares", Manifest("Dataset", "nowhere/child", "  quota: 1GiB\n"), 0 },
        { "a name with shell characters", Dataset("tank/$(reboot)", "  quota: 1GiB\n"), 3 },
        { "a name with a leading dash", Dataset("tank/-rf", "  quota: 1GiB\n"), 3 },
        { "a name with a snapshot in it", Dataset("tank/a@b", "  quota: 1GiB\n"), 3 },
        { "a name that climbs", Dataset("tank/../a", "  quota: 1GiB\n"), 3 },
        { "a mount point over the system", Dataset("tank/a", "  mountpoint: /etc\n"), 5 },
        { "a mount point that climbs", Dataset("tank/a", "  mountpoint: /srv/../etc\n"), 5 },
        { "a directory that climbs", Dataset("tank/a", "  directories: [{path: ../../etc, owner: root, group: root, mode: \"0777\"}]\n"), 5 },
        { "an absolute directory", Dataset("tank/a", "  directories: [{path: /etc, owner: root, group: root, mode: \"0777\"}]\n"), 5 },
        { "a property with a field of its own", Dataset("tank/a", "  properties: {quota: 1G}\n"), 5 },
        { "sharenfs", Dataset("tank/a", "  properties: {sharenfs: \"on\"}\n"), 5 },
        { "a share name with a line break", Share("\"a]\\n[global\"", "  access: {readWrite: [alice]}\n"), 3 },
        { "a share name with a macro", Share("\"%U\"", "  access: {readWrite: [alice]}\n"), 3 },
        { "a reserved share name", Share("homes", "  access: {readWrite: [alice]}\n"), 3 },
        { "a share comment with a line break", Share("a", "  access: {readWrite: [alice]}\n  comment: \"x\\nroot preexec = reboot\"\n"), 7 },
        { "a share option with a line break", Share("a", "  access: {readWrite: [alice]}\n  options: {\"veto files\": \"/x/\\nroot preexec = reboot\"}\n"), 7 },
        { "a share option with a macro", Share("a", "  access: {readWrite: [alice]}\n  options: {\"veto files\": \"/%U/\"}\n"), 7 },
        { "a share option that runs a program", Share("a", "  access: {readWrite: [alice]}\n  options: {\"root preexec\": reboot}\n"), 7 },
        { "a share user with a line break", Share("a", "  access: {readWrite: [\"alice\\nguest ok = yes\"]}\n"), 6 },
        { "a share without access", Share("a", "  comment: x\n"), 0 },
        { "a subpath that climbs", Share("a", "  subpath: ../other\n  access: {readWrite: [alice]}\n"), 6 },
        { "a share of no dataset", Manifest("SmbShare", "a", "  dataset: tank/none\n  access: {readWrite: [alice]}\n"), 5 },
        { "a deletion policy that there is not", Dataset("tank/a", "  deletionPolicy: destroy\n"), 5 },
        { "an NFS host with a blank and parentheses", Export("{host: \"10.0.0.1 (rw)\", access: ro}"), 6 },
        { "an NFS host with a line break", Export("{host: \"10.0.0.1\\n/ *(rw)\", access: ro}"), 6 },
        { "the whole world with rw", Export("{host: \"*\", access: rw}"), 6 },
        { "an NFS option with parentheses", Export("{host: 10.0.0.1, access: ro}", "  options: [\"insecure) *(rw\"]\n"), 7 },
        { "an NFS option that is not allowed", Export("{host: 10.0.0.1, access: ro}", "  options: [no_root_squash]\n"), 7 },
        { "a user with a colon", Manifest("User", "\"eve:0\"", "  uid: 2001\n  primaryGroup: family\n"), 3 },
        { "a uid of root", Manifest("User", "eve", "  uid: 0\n  primaryGroup: family\n"), 5 },
        { "a disk that is no device", Manifest("Pool", "p", "  backend: zfs\n  vdevs: [{type: stripe, disks: [../../etc/passwd]}]\n"), 6 },
        { "a mirror of one disk", Manifest("Pool", "p", "  backend: zfs\n  vdevs: [{type: mirror, disks: [/dev/disk/by-id/a]}]\n"), 6 },
        { "a disk twice", Manifest("Pool", "p", "  backend: zfs\n  vdevs: [{type: mirror, disks: [/dev/disk/by-id/a, /dev/disk/by-id/a]}]\n"), 6 },
        { "a secret name that climbs", Manifest("User", "eve", "  uid: 2001\n  primaryGroup: family\n  smb: {password: {secretRef: ../../shadow}}\n"), 7 },
    };

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task Is_refused_with_file_line_and_column(string title, string manifest, int line)
    {
        var result = await Validate.Files(("common/base.yaml", Base), ("common/bad.yaml", manifest));

        Assert.True(result.ExitCode == 1, $"{title}: exit code 1 expected\n{result}");
        var errors = Regex.Matches(result.Output + result.Error, @"(?m)^\S*common/bad\.yaml:(\d+):(\d+): error");
        Assert.True(errors.Count > 0, $"{title}: no 'file:line:column: error' of bad.yaml\n{result}");
        if (line > 0)
            Assert.True(errors.Any(e => int.Parse(e.Groups[1].Value, null) == line), $"{title}: no error at line {line}\n{result}");
        Assert.DoesNotContain("   at NasGitOps.", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_field_names_the_nearest_known_one()
    {
        var result = await Validate.Files(("common/base.yaml", Base), ("common/bad.yaml", Dataset("tank/a", "  qouta: 1GiB\n")));

        Assert.Contains("quota", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_resource_twice_names_both_places()
    {
        var result = await Validate.Files(("common/base.yaml", Base), ("common/bad.yaml", Dataset("tank/a", "  quota: 1GiB\n")), ("common/bad2.yaml", Dataset("tank/a", "  quota: 2GiB\n")));

        Assert.Equal(1, result.ExitCode);
        var text = result.Output + result.Error;
        Assert.Contains("common/bad.yaml:", text, StringComparison.Ordinal);
        Assert.Contains("common/bad2.yaml:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_told_at_once()
    {
        var result = await Validate.Files(
            ("common/base.yaml", Base),
            ("common/one.yaml", Dataset("tank/a", "  qouta: 1GiB\n")),
            ("common/two.yaml", "not: [closed\n"),
            ("common/three.yaml", Export("{host: \"*\", access: rw}")));

        Assert.Equal(1, result.ExitCode);
        foreach (var file in new[] { "one", "two", "three" })
            Assert.Matches($@"(?m)^\S*common/{file}\.yaml:\d+:\d+: error", result.Output + result.Error);
    }

    [Fact]
    public async Task An_alias_bomb_is_refused_within_a_second_or_two()
    {
        var bomb = new StringBuilder(Header + "kind: Dataset\nmetadata: {name: tank/a}\nspec:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 12; level++)
            bomb.Append($"  a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");

        await RefusedQuickly("common/bad.yaml", bomb.ToString());
    }

    [Fact]
    public async Task Nesting_without_end_is_refused()
        => await RefusedQuickly("common/bad.yaml", Header + "kind: Dataset\nmetadata: {name: tank/a}\nspec: " + new string('[', 100_000) + "\n");

    [Fact]
    public async Task A_file_of_50_MB_is_refused()
        => await RefusedQuickly("common/bad.yaml", Header + "kind: Dataset\nmetadata: {name: tank/a}\nspec:\n  # " + new string('x', 50 << 20) + "\n");

    [Fact]
    public async Task A_file_that_is_no_text_is_refused()
        => await RefusedQuickly("common/bad.yaml", "\0\u0001\u0002\uFFFD\0");

    private static async Task RefusedQuickly(string file, string content)
    {
        var watch = Stopwatch.StartNew();
        var result = await Validate.Files(("common/base.yaml", Base), (file, content));

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Matches($@"(?m)^\S*{Regex.Escape(file)}:\d+:\d+: error", result.Output + result.Error);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"it took {watch.Elapsed.TotalSeconds:0} s");
    }

    private const string Base = """
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: tank}
        spec:
          backend: zfs
          vdevs: [{type: mirror, disks: [/dev/disk/by-id/one, /dev/disk/by-id/two]}]
        ---
        apiVersion: nasgitops.io/v1
        kind: Group
        metadata: {name: family}
        spec: {gid: 3000}
        ---
        apiVersion: nasgitops.io/v1
        kind: User
        metadata: {name: alice}
        spec: {uid: 2100, primaryGroup: family, smb: {password: {secretRef: smb-alice}}}

        """;

    /// <summary>The spec's fields begin in line 5.</summary>
    private static string Manifest(string kind, string name, string spec) => $"{Header}kind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}";

    private static string Dataset(string name, string spec) => Manifest("Dataset", $"\"{name}\"", spec);

    private static string Share(string name, string spec) => Manifest("SmbShare", name, "  dataset: tank\n" + spec);

    private static string Export(string client, string more = "") => Manifest("NfsExport", "e", $"  dataset: tank\n  clients: [{client}]\n{more}");
}
