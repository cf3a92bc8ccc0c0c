using NasGitOps.Core.Loading;

namespace NasGitOps.Core.Tests.Loading;

public class RepositoryCheckTests
{
    private static string User(string name, string hosts = "") => $"apiVersion: nasgitops.io/v1\nkind: User\nmetadata: {{name: {name}{hosts}}}\n";

    private static string Share(string dataset) => $"apiVersion: nasgitops.io/v1\nkind: Share\nmetadata: {{name: s}}\nspec: {{dataset: {dataset}, clients: []}}\n";

    private static RepositoryReport Run(params (string Path, string Text)[] files) => new RepositoryCheck(FakeKinds.Loader).Run(files.Select(f => Loaded.File(f.Path, f.Text)).ToList());

    [Fact]
    public void Each_host_sees_common_and_its_own_folder()
    {
        var report = Run(
            ("common/u.yaml", User("a")), ("hosts/nas1/d.yaml", Loaded.Dataset("quota: 1G")), ("hosts/nas1/s.yaml", Share("tank")), ("hosts/nas2/u.yaml", User("b")), ("docs/x.yaml", "no: manifest"));
        Assert.Empty(report.Problems);
        Assert.Equal(["nas1: Dataset/tank Share/s User/a", "nas2: User/a User/b"], report.Hosts.Select(h => $"{h.Host}: {string.Join(' ', h.Manifests.All.Select(m => m.Id))}"));
    }

    [Fact]
    public void A_host_cannot_use_what_another_declares() => Assert.Equal(
        "hosts/nas2/s.yaml:4:17: error: spec.dataset: Dataset 'tank' is not declared (declare it for the same hosts, or correct the name)",
        Assert.Single(Run(("hosts/nas1/d.yaml", Loaded.Dataset("quota: 1G")), ("hosts/nas2/s.yaml", Share("tank"))).Problems).ToString());

    [Fact]
    public void A_problem_that_every_host_has_is_told_once()
    {
        var report = Run(("common/s.yaml", Share("tank")), ("common/bad.yaml", User("B!")), ("hosts/nas1/u.yaml", User("a")), ("hosts/nas2/u.yaml", User("a")));
        Assert.Equal(["common/bad.yaml", "common/s.yaml"], report.Problems.Select(p => p.File));
        Assert.True(report.HasErrors);
    }

    [Fact]
    public void The_same_name_in_common_and_a_host_is_an_error() => Assert.Equal(
        "hosts/nas1/u.yaml:3:18: error: metadata.name: User/a is declared twice, first at common/u.yaml:3:18 (keep one of the two, or give them different metadata.hosts)",
        Assert.Single(Run(("common/u.yaml", User("a")), ("hosts/nas1/u.yaml", User("a")), ("hosts/nas2/u.yaml", User("b"))).Problems).ToString());

    [Fact]
    public void A_pattern_that_matches_no_host_is_a_warning() => Assert.Equal(
        "common/u.yaml:3:21: warning: metadata.hosts: matches no host that reads this file (the hosts here are nas1)",
        Assert.Single(Run(("common/u.yaml", User("a", ", hosts: [nsa1]")), ("hosts/nas1/u.yaml", User("b"))).Problems).ToString());

    [Fact]
    public void A_file_beside_the_host_folders_is_a_warning() => Assert.Equal(
        "hosts/u.yaml:0:0: warning: no host reads this file (move it into common/ or into the folder of a host)",
        Assert.Single(Run(("hosts/u.yaml", User("a")), ("hosts/nas1/u.yaml", User("b"))).Problems).ToString());

    [Fact]
    public void Without_the_folders_the_whole_repository_is_one_set()
    {
        var report = Run(("a/d.yaml", Loaded.Dataset("quota: 1G")), ("s.yml", Share("tank")), (".gitlab-ci.yml", "x: 1"), ("secrets/x.yaml", "x: 1"), ("README.md", "#"));
        Assert.Empty(report.Problems);
        var only = Assert.Single(report.Hosts);
        Assert.Null(only.Host);
        Assert.Equal(2, only.Manifests.All.Count);
    }

    [Fact]
    public void Without_the_folders_each_host_that_is_named_is_checked()
    {
        var report = Run(("a.yaml", User("a", ", hosts: [nas1]")), ("b.yaml", User("a", ", hosts: [nas2]")), ("c.yaml", Share("tank")));
        Assert.Equal(["nas1", "nas2"], report.Hosts.Select(h => h.Host));
        Assert.StartsWith("c.yaml:4:17", Assert.Single(report.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_repository_is_an_empty_set()
    {
        var report = Run();
        Assert.Empty(report.Problems);
        Assert.Empty(Assert.Single(report.Hosts).Manifests.All);
    }
}
