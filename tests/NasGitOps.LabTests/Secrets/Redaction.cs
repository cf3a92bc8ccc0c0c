using System.Text;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Secrets;

/// <summary>No secret reaches a log, the journal, a status, a plan, a page, a process' arguments or environment, or Git; and a changed one is noticed, whatever its source.</summary>
[Trait("Category", "Integration")]
public sealed class Redaction : IAsyncLifetime
{
    private readonly SecretsHost host = new();
    private readonly List<string> markers = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await host.DisposeAsync();

    [RootFact("age", "smbpasswd", "useradd")]
    public async Task Unusual_secrets_of_every_source_are_found_nowhere_after_success_failure_and_rotation()
    {
        await SetAll(lines: true);
        var uid = 50_000 + Random.Shared.Next(9_000);
        await host.Commit(host.User("cred", uid), host.User("file", uid + 1), host.User("repo", uid + 2));

        host.ToolEchoes = true;
        Assert.False((await host.Nasgitops("apply")).Ok);
        host.ToolEchoes = false;
        var first = await host.Nasgitops("apply");
        Assert.Contains("Mismatch", first.Error, StringComparison.Ordinal); // two lines are no password, and smbpasswd itself says so
        var before = (await host.Hash("cred"), await host.Hash("repo"));

        await SetAll(lines: false);
        await host.Commit();
        host.ToolEchoes = true;
        await host.Agent(page => page.Contains("StepFailed", StringComparison.Ordinal));
        await Look();
        host.ToolEchoes = false;
        var rotated = await host.Nasgitops("apply");
        Assert.True(rotated.Ok, rotated.ToString());
        Assert.True((await host.Nasgitops("plan", "--exit-code")).Ok);
        var after = (await host.Hash("cred"), await host.Hash("repo"));
        Assert.NotEqual(before.Item1, after.Item1);
        Assert.NotEqual(before.Item2, after.Item2);

        await WrongIdentity();
        await Look();
        await Search();
    }

    /// <summary>Leading dash, quotes, blanks, what shells and formats expand, letters beyond ASCII; and two lines.</summary>
    private async Task SetAll(bool lines)
    {
        host.Put("credentials/cred", $"-n \"{Marker()}' $HOME `id` %s \\n");
        host.Put("secrets/file", lines ? $"{Marker()}: first\n  \"second\" {Marker()}\n" : $"{Marker()} {{\"a\": 'b'}} # ☃ ünï\n");
        await host.Encrypt("repo", $"--{Marker()}-ß{(lines ? "" : "&<b>")}");
    }

    private string Marker()
    {
        markers.Add("Mark" + Guid.NewGuid().ToString("N"));
        return markers[^1];
    }

    /// <summary>What a person would look at.</summary>
    private async Task Look()
    {
        foreach (var command in (string[][])[["plan", "--steps"], ["plan", "-o", "json"], ["plan", "-o", "markdown"], ["status"], ["status", "-o", "yaml"], ["journal", "show"], ["journal", "verify"], ["doctor"], ["validate", host.At("repo")]])
            await host.Nasgitops(command);
    }

    private async Task WrongIdentity()
    {
        await host.Must("rm hidden/age.key && age-keygen -o hidden/age.key");
        host.Put("credentials/cred", $"other {Marker()}");

        var applied = await host.Nasgitops("apply");

        Assert.Contains("SecretUnreadable", applied.Output + applied.Error, StringComparison.Ordinal);
        Assert.Contains("no identity matched", await File.ReadAllTextAsync(host.At("status.yaml")), StringComparison.Ordinal);
        Assert.Contains(markers[^1], await File.ReadAllTextAsync(host.At("hidden/given")), StringComparison.Ordinal); // the others went on
    }

    private async Task Search()
    {
        // The search itself finds them, in what the tool was really given: a test that cannot fail proves nothing.
        var given = await File.ReadAllBytesAsync(host.At("hidden/given"));
        Assert.All(markers, m => Assert.True(Holds(given, m), $"{m} was never used"));
        var evidence = await host.Evidence();
        var leaks = evidence.SelectMany(e => markers.Where(m => Holds(e.Content, m)).Select(m => $"{e.Place} holds {m}"));
        Assert.Empty(leaks);

        // And it looked where they would be.
        Assert.Contains(evidence, e => e.Place == "state/journal.jsonl" && Holds(e.Content, "a line that held a part of the secret is withheld"));
        Assert.Contains(evidence, e => e.Place == "processes" && Holds(e.Content, "smbpasswd"));
        Assert.Contains(evidence, e => e.Place == "state/mirror.git/all-objects" && Holds(e.Content, "SecretUnreadable"));
        Assert.Contains(evidence, e => e.Place.StartsWith("output", StringComparison.Ordinal) && Holds(e.Content, "nasgitops_"));
    }

    private static bool Holds(byte[] content, string text) =>
        content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;
}
