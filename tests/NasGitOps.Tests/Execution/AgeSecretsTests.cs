using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

/// <summary>With the real <c>age</c>.</summary>
[Trait("Category", "Integration")]
public sealed class AgeSecretsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly CountingRunner runner = new();
    private readonly string recipient;

    public AgeSecretsTests()
    {
        Directory.CreateDirectory(folder["secrets"]);
        recipient = NewIdentity("age.key");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_secret_of_the_repository_is_opened_and_bytes_stay_what_they_are()
    {
        byte[] key = [0, 255, 10, 128, 13, 10];
        var store = Store(Encrypt("secrets/key.age", key), Encrypt("secrets/text.age", "höhö\n"u8));

        Assert.Equal(key, (await store.ReadAsync("key", raw: true)).Value);
        Assert.Equal("höhö", Encoding.UTF8.GetString((await store.ReadAsync("text", raw: false)).Value!));
        Assert.Equal(ReadingState.Absent, (await store.ReadAsync("other", raw: false)).State);
        Assert.All(runner.Ran, r => Assert.Equal(("", ""), (r.Output, r.Errors)));
    }

    [Fact]
    public async Task Armour_is_read_too()
    {
        var file = Encrypt("secrets/a.age", "value"u8, "-a");

        Assert.Equal("value", Encoding.UTF8.GetString((await Store(file).ReadAsync("a", raw: false)).Value!));
    }

    [Fact]
    public async Task What_is_on_the_host_comes_before_the_repository_and_the_host_s_own_file_before_that_of_all()
    {
        var store = Store(Encrypt("secrets/a.age", "for all"u8), Encrypt("hosts/nas/secrets/a.age", "for this"u8));
        Assert.Equal("for this", Encoding.UTF8.GetString((await store.ReadAsync("a", raw: false)).Value!));

        File.SetUnixFileMode(folder.Write("secrets/a", "on the host"), UnixFileMode.UserRead);

        Assert.Equal("on the host", Encoding.UTF8.GetString((await store.ReadAsync("a", raw: false)).Value!));
    }

    [Fact]
    public async Task A_pass_without_news_starts_no_process_and_a_rotation_is_noticed()
    {
        var first = Encrypt("secrets/a.age", "one"u8);
        var store = Store(first);
        var fingerprint = (await store.FingerprintAsync("a")).Value;
        Assert.Equal(fingerprint, (await store.With([first]).FingerprintAsync("a")).Value);
        Assert.Single(runner.Ran);

        var same = await store.With([Encrypt("secrets/a.age", "one\n"u8)]).FingerprintAsync("a");
        var rotated = await store.With([Encrypt("secrets/a.age", "two"u8)]).FingerprintAsync("a");

        Assert.Equal((fingerprint, 3), (same.Value, runner.Ran.Count));
        Assert.NotEqual(fingerprint, rotated.Value);
        Assert.Equal(fingerprint, (await new SecretStore(null, FolderWith("a", "one"), new byte[32]).FingerprintAsync("a")).Value);
    }

    [Fact]
    public async Task Another_identity_does_not_open_it_and_that_is_told_until_it_is_mended()
    {
        var file = Encrypt("secrets/a.age", "value"u8);
        var store = Store(file);
        Assert.True((await store.FingerprintAsync("a")).IsKnown(out _));
        NewIdentity("age.key");

        var reading = await store.FingerprintAsync("a");

        Assert.Equal(ReadingState.Unknown, reading.State);
        Assert.Contains("secrets/a.age cannot be decrypted: 'age -d -i", reading.Reason, StringComparison.Ordinal);
        Assert.Contains("no identity matched", reading.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_file_and_one_that_was_cut_off_give_nothing_of_their_beginning()
    {
        var whole = Encrypt("secrets/a.age", Encoding.UTF8.GetBytes(new string('x', 60_000)));
        foreach (var content in new[] { "age-encryption.org/v1\nnonsense"u8.ToArray(), whole.Content[..^10], Encrypt("secrets/b.age", new byte[70_000]).Content })
        {
            var reading = await Store(new SourceFile("secrets/a.age", content)).ReadAsync("a", raw: true);

            Assert.Equal((ReadingState.Unknown, null), (reading.State, reading.Value));
            Assert.DoesNotContain("xxx", reading.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_identity_that_others_can_read_is_refused_before_age_runs()
    {
        File.SetUnixFileMode(folder["age.key"], (UnixFileMode)0b110_100_100);

        var reading = await Store(Encrypt("secrets/a.age", "value"u8)).ReadAsync("a", raw: false);

        Assert.Contains($"chmod 0600 {folder["age.key"]}", reading.Reason, StringComparison.Ordinal);
        Assert.Empty(runner.Ran);
    }

    [Fact]
    public async Task No_identity_and_a_missing_one_are_reasons_and_never_an_absent_secret()
    {
        var file = Encrypt("secrets/a.age", "value"u8);
        var none = new SecretStore(null, folder["secrets"], new byte[32], new AgeSecrets(runner, null)).With([file]);
        File.Delete(folder["age.key"]);

        Assert.Contains("secrets.ageIdentityFile of agent.yaml names no identity", (await none.FingerprintAsync("a")).Reason, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await Store(file).ReadAsync("a", raw: false)).Reason, StringComparison.Ordinal);
    }

    private SecretStore Store(params SourceFile[] files) => new SecretStore(null, folder["secrets"], new byte[32], new AgeSecrets(runner, folder["age.key"])).With(files);

    private string FolderWith(string name, string value)
    {
        File.SetUnixFileMode(folder.Write($"other/{name}", value), UnixFileMode.UserRead);
        return folder["other"];
    }

    /// <returns>Its recipient.</returns>
    private string NewIdentity(string name)
    {
        File.Delete(folder[name]);
        return Tool(Command.Of("age-keygen", "-o", folder[name]), []).Errors.Split(' ')[^1].Trim();
    }

    private SourceFile Encrypt(string path, ReadOnlySpan<byte> value, params string[] options)
    {
        var file = folder[Guid.NewGuid().ToString("N")];
        Tool(Command.Of("age", [.. options, "-r", recipient, "-o", file]), value.ToArray());
        return new SourceFile(path, File.ReadAllBytes(file));
    }

    private static CommandResult Tool(Command command, byte[] stdin)
    {
        var result = new CommandRunner().RunAsync(command, new CommandOptions { Stdin = stdin }, CancellationToken.None).GetAwaiter().GetResult();
        Assert.True(result.Succeeded, result.Evidence());
        return result;
    }

    private sealed class CountingRunner : ICommandRunner
    {
        public List<CommandResult> Ran { get; } = [];

        public async Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct)
        {
            var result = await new CommandRunner().RunAsync(command, options, ct);
            Ran.Add(result);
            return result;
        }
    }
}
