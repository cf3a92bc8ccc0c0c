using System.Text;
using NasGitOps.Core.Observation;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class SecretStoreTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretStore store;

    public SecretStoreTests()
    {
        Directory.CreateDirectory(folder["credentials"]);
        Directory.CreateDirectory(folder["secrets"]);
        store = new SecretStore(folder["credentials"], folder["secrets"], new byte[32]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_text_secret_loses_one_trailing_newline_and_a_raw_one_nothing()
    {
        Put("secrets/a", "value\n\n");

        Assert.Equal("value\n", Encoding.UTF8.GetString((await store.ReadAsync("a", raw: false)).Value!));
        Assert.Equal("value\n\n", Encoding.UTF8.GetString((await store.ReadAsync("a", raw: true)).Value!));
    }

    [Fact]
    public async Task Systemd_s_credentials_come_before_the_folder()
    {
        Put("secrets/a", "from the folder");
        Put("credentials/a", "from systemd", 0b100_100_100);

        Assert.Equal("from systemd", Encoding.UTF8.GetString((await store.ReadAsync("a", raw: false)).Value!));
    }

    [Fact]
    public async Task A_missing_secret_is_absent() => Assert.Equal(ReadingState.Absent, (await store.ReadAsync("nothing", raw: false)).State);

    [Theory]
    [InlineData("../a")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task A_name_that_could_leave_the_folder_is_refused(string name) => Assert.Equal(ReadingState.Unknown, (await store.ReadAsync(name, raw: false)).State);

    [Theory]
    [InlineData(0b110_100_000)]
    [InlineData(0b110_000_100)]
    [InlineData(0b110_010_000)]
    public async Task A_secret_that_others_can_reach_is_refused_with_the_command_that_mends_it(int mode)
    {
        Put("secrets/a", "top secret", mode);

        var reading = await store.ReadAsync("a", raw: false);

        Assert.Equal(ReadingState.Unknown, reading.State);
        Assert.Contains($"chmod 0600 {folder["secrets/a"]}", reading.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("top secret", reading.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_another_owner_is_refused()
    {
        Put("secrets/a", "value");
        await new CommandRunner().RunAsync(NasGitOps.Core.Steps.Command.Of("chown", "65534", folder["secrets/a"]), CommandOptions.None, CancellationToken.None);

        Assert.Contains("must belong to root", (await store.ReadAsync("a", raw: false)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_others_can_write_is_refused()
    {
        Put("secrets/a", "value");
        File.SetUnixFileMode(folder["secrets"], (UnixFileMode)0b111_111_111);

        Assert.Contains("can be written by others", (await store.ReadAsync("a", raw: false)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        await new CommandRunner().RunAsync(NasGitOps.Core.Steps.Command.Of("mkfifo", "-m", "600", folder["secrets/a"]), CommandOptions.None, CancellationToken.None);

        Assert.Contains("no regular file", (await store.ReadAsync("a", raw: false)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fingerprint_follows_the_value_and_depends_on_the_host_s_key()
    {
        Put("secrets/a", "value\n");
        var first = (await store.FingerprintAsync("a")).Value!;
        Put("secrets/a", "value");
        Assert.Equal(first, (await store.FingerprintAsync("a")).Value);
        Put("secrets/a", "other");
        Assert.NotEqual(first, (await store.FingerprintAsync("a")).Value);
        Put("secrets/a", "value");
        Assert.NotEqual(first, (await new SecretStore(null, folder["secrets"], [1, .. new byte[31]]).FingerprintAsync("a")).Value);
        Assert.Equal(32, first.Length);
        Assert.Equal(ReadingState.Absent, (await store.FingerprintAsync("nothing")).State);
    }

    private void Put(string path, string value, int mode = 0b110_000_000) => File.SetUnixFileMode(folder.Write(path, value), (UnixFileMode)mode);
}
