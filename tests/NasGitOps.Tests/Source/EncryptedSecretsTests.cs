using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Source;
using NasGitOps.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace NasGitOps.Tests.Source;

public sealed class EncryptedSecretsTests : IDisposable
{
    private const string Age = "age-encryption.org/v1\n-> X25519 abc\n";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_host_gets_what_is_for_all_and_what_is_its_own_whatever_paths_it_reads()
    {
        Write(("common/a.yaml", "a: 1"), ("secrets/x.age", Age), ("hosts/nas1/secrets/y.age", "-----BEGIN AGE ENCRYPTED FILE-----\n"), ("hosts/nas2/secrets/z.age", Age));

        var tree = Read("nas1");

        Assert.Empty(tree.Problems);
        Assert.Equal(["hosts/nas1/secrets/y.age", "secrets/x.age"], tree.Encrypted.Select(f => f.Path));
        Assert.Equal(["common/a.yaml"], tree.Files.Select(f => f.Path));
    }

    [Theory]
    [InlineData("secrets/smb-alice", "hunter22", "may be a secret in plain text")]
    [InlineData("secrets/smb-alice.yaml", "password: hunter22", "may be a secret in plain text")]
    [InlineData("secrets/smb-alice.age", "hunter22", "does not begin as one that age encrypted")]
    [InlineData("secrets/deep/er.age", Age, "not the place and name of a secret")]
    [InlineData("secrets/-x.age", Age, "not the place and name of a secret")]
    [InlineData("hosts/nas1/secrets/a.txt", "hunter22", "may be a secret in plain text")]
    public void What_is_not_encrypted_is_an_error_that_repeats_nothing_of_it(string path, string content, string expected)
    {
        Write(("common/a.yaml", "a: 1"), (path, content));

        var problem = Assert.Single(Read("nas1").Problems).ToString();

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", problem, StringComparison.Ordinal);
        Assert.Contains("error", problem, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Single(WorkingTree.Read(folder.Root, ["."], "").Problems).ToString());
    }

    [Fact]
    public void A_link_among_the_secrets_is_never_followed()
    {
        Write(("secrets/x.age", Age));
        File.CreateSymbolicLink(folder["secrets/y.age"], "/etc/shadow");

        Assert.Contains("symbolic link", Assert.Single(Read("nas1").Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secrets_in_force_are_kept_with_the_last_good_manifests_and_leave_with_them()
    {
        var files = new LastGoodFiles(folder["last-good"], NullLogger.Instance);
        files.Save(new LastGood("c1", true, [new SourceFile("a.yaml", "a: 1"u8.ToArray())]) { Encrypted = [new SourceFile("secrets/x.age", Encoding.UTF8.GetBytes(Age))] });

        var read = files.Load()!;
        files.Save(new LastGood("c2", true, read.Files));

        Assert.Equal(("a.yaml", "secrets/x.age"), (Assert.Single(read.Files).Path, Assert.Single(read.Encrypted).Path));
        Assert.Equal(Age, Encoding.UTF8.GetString(read.Encrypted[0].Content));
        Assert.Empty(files.Load()!.Encrypted);
    }

    [Fact]
    public void What_an_earlier_version_saved_is_read_and_saved_again_with_its_secrets()
    {
        folder.Write("last-good/a.yaml", "a: 1");
        folder.Write("last-good/.commit", "c1 complete\n");
        var files = new LastGoodFiles(folder["last-good"], NullLogger.Instance);
        Assert.Equal(("c1", true), (files.Load()!.Commit, files.Load()!.Complete));

        files.Save(new LastGood("c1", true, files.Load()!.Files) { Encrypted = [new SourceFile("secrets/x.age", Encoding.UTF8.GetBytes(Age))] });

        Assert.Single(files.Load()!.Encrypted);
    }

    private SourceTree Read(string host) => WorkingTree.Read(folder.Root, ["common"], host);

    private void Write(params (string Path, string Content)[] files)
    {
        Directory.CreateDirectory(folder["common"]);
        foreach (var (path, content) in files) folder.Write(path, content);
    }
}
