using NasGitOps.Source;

namespace NasGitOps.Tests.Source;

public sealed class GitRemoteTests
{
    [Fact]
    public void The_ssh_command_quotes_paths_for_the_shell_and_for_ssh()
    {
        var command = new GitRemote("ssh://git@h/x.git", new GitAuth("/etc/it's key", "/etc/known hosts")).SshCommand();

        Assert.Contains("StrictHostKeyChecking=yes", command, StringComparison.Ordinal);
        Assert.Contains("BatchMode=yes", command, StringComparison.Ordinal);
        Assert.EndsWith(@"-o UserKnownHostsFile='""/etc/known hosts""' -o IdentitiesOnly=yes -i '/etc/it'\''s key'", command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh://git@git.lan:2222/x.git", "ssh", null)]
    [InlineData("https://git.lan/x.git", "https", null)]
    [InlineData("file:///srv/git/a%20b.git", "file", "/srv/git/a b.git")]
    [InlineData("/srv/git/x.git", "file", "/srv/git/x.git")]
    public void Each_form_of_url_has_its_one_protocol(string url, string protocol, string? path)
    {
        Assert.Null(GitRemote.Refuse(url));
        var remote = new GitRemote(url, new GitAuth());
        Assert.Equal((protocol, path), (remote.Protocol, remote.LocalPath));
    }

    [Fact]
    public void A_token_file_that_cannot_be_read_is_told() =>
        Assert.Throws<SourceException>(() => new GitRemote("https://h/x.git", new GitAuth(Username: "u", TokenFile: "/nowhere/token")).Settings().ToList());
}
