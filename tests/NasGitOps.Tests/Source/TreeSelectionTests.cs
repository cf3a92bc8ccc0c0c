using NasGitOps.Source;

namespace NasGitOps.Tests.Source;

/// <summary>A commit and a working copy of the same files give the same manifests.</summary>
public sealed class TreeSelectionTests : IDisposable
{
    private readonly GitLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_linked_manifest_is_a_problem_and_never_followed()
    {
        Link("common/secret.yaml", "/etc/hostname");
        Link("common/notes.md", "a.yaml");
        await Both([("common/a.yaml", "a: 1"), ("hosts/nas1/b.yaml", "b: 1")], tree =>
        {
            Assert.Equal(["common/a.yaml", "hosts/nas1/b.yaml"], tree.Files.Select(f => f.Path));
            Assert.Equal("common/secret.yaml:0:0: error: a manifest must be a file, and this is a symbolic link, which is never followed (put the file itself here)", Assert.Single(tree.Problems).ToString());
        });
    }

    [Fact]
    public async Task A_linked_folder_is_a_problem_since_its_manifests_would_be_left_out()
    {
        Link("hosts/nas1/shared", "../../common");
        await Both([("common/a.yaml", "a: 1"), ("hosts/nas1/b.yaml", "b: 1")], tree => Assert.Equal("hosts/nas1/shared", Assert.Single(tree.Problems).File));
    }

    [Fact]
    public async Task A_configured_path_that_is_a_link_is_missing_and_a_problem()
    {
        Link("hosts/nas1", "../common");
        await Both([("common/a.yaml", "a: 1")], tree =>
        {
            Assert.False(tree.Complete);
            Assert.Single(tree.Problems);
        });
    }

    [Fact]
    public async Task A_file_above_the_cap_is_a_problem_with_its_size()
    {
        await Both([("hosts/nas1/big.yaml", new string('x', 1024 * 1024 + 1))], tree =>
        {
            Assert.Empty(tree.Files);
            Assert.Contains("1048577 bytes", Assert.Single(tree.Problems).Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_missing_host_folder_forbids_removals() =>
        await Both([("common/a.yaml", "a: 1"), ("hosts/nas2/b.yaml", "b: 1")], tree =>
        {
            Assert.Equal(["common/a.yaml"], tree.Files.Select(f => f.Path));
            Assert.Equal(["hosts/nas1"], tree.MissingPaths);
            Assert.False(tree.Complete);
        });

    [Fact]
    public async Task Without_common_and_hosts_the_whole_repository_is_read_and_that_is_said() =>
        await Both([("pool.yaml", "a: 1"), ("shares/x.yaml", "b: 1"), ("secrets/x.yaml", "no"), (".github/ci.yaml", "no")], tree =>
        {
            Assert.Equal(["pool.yaml", "shares/x.yaml"], tree.Files.Select(f => f.Path));
            Assert.True(tree.Complete);
            Assert.Contains("the whole of it is read", Assert.Single(tree.Notes), StringComparison.Ordinal);
        });

    [Fact]
    public async Task Where_only_other_hosts_have_folders_the_root_is_not_taken_instead() =>
        await Both([("hosts/nas2/b.yaml", "b: 1")], tree =>
        {
            Assert.Empty(tree.Files);
            Assert.False(tree.Complete);
        });

    [Fact]
    public async Task Configured_paths_are_read_and_a_missing_one_is_told() =>
        await Both(
            [("x/a.yaml", "a: 1"), ("y/b.yaml", "b: 1")],
            tree =>
            {
                Assert.Equal(["x/a.yaml"], tree.Files.Select(f => f.Path));
                Assert.Equal(["z"], tree.MissingPaths);
            },
            "x/",
            "z");

    [Fact]
    public async Task An_empty_tree_is_not_complete() => await Both([("README.md", "hello")], tree => Assert.False(tree.Complete));

    [Fact]
    public async Task A_submodule_below_a_path_is_a_problem()
    {
        lab.Git(lab.Work, "init", "-q", "common/module");
        lab.Git(Path.Combine(lab.Work, "common/module"), "commit", "-q", "--allow-empty", "-m", "x");
        await Both([("common/a.yaml", "a: 1"), ("hosts/nas1/b.yaml", "b: 1")], tree => Assert.Contains("submodule", Assert.Single(tree.Problems).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told() => Assert.Throws<SourceException>(() => WorkingTree.Read("/nowhere", [], "nas1"));

    private void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(lab.Work, path))!);
        File.CreateSymbolicLink(Path.Combine(lab.Work, path), target);
    }

    private async Task Both((string Path, string Content)[] files, Action<SourceTree> check, params string[] paths)
    {
        var commit = lab.Push("files", files);
        var source = lab.Source(null, paths);
        await source.FetchAsync(CancellationToken.None);
        check(source.ReadTree(commit));
        check(WorkingTree.Read(lab.Work, paths, "nas1"));
    }
}
