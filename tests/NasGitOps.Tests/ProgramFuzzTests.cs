using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using NasGitOps.Agent;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Reporting;
using NasGitOps.Source;
using NasGitOps.State;
using NasGitOps.Testing.Fuzz;
using NasGitOps.Tests.Source;
using NasGitOps.Tests.Web;
using NasGitOps.Web;

namespace NasGitOps.Tests;

/// <summary>What the program reads that others wrote, and pages on which others' words stand.</summary>
public class ProgramFuzzTests
{
    private const string Config = "host: nas1\nrepository:\n  url: ssh://git@example.org/nas.git\n  branch: main\n  paths: [common, hosts/nas1]\n  auth: {sshKeyFile: /etc/nasgitops/key}\n  poll: 60s\nhttp: {listen: \"127.0.0.1:9090\"}\nmaxRemovals: 3\n";

    [Fact]
    public void A_line_of_the_journal_is_an_entry_or_none()
    {
        var (line, _) = new JournalEntry(1, DateTimeOffset.UnixEpoch, JournalEntry.Intent, "c1", "Dataset/tank/a", "zfs create tank/a", null, null, null, null, JournalEntry.NoHash).Seal();
        Fuzzing.Text([line], text => JournalEntry.Open(text) is { } read && text != line && read.Entry.Seal().Line != text ? "another line passes for an entry" : null);
    }

    [Fact]
    public void A_configuration_is_read_or_its_problems_have_a_place() => Fuzzing.Text([Config], text =>
    {
        var read = AgentConfigReader.Read("agent.yaml", Encoding.UTF8.GetBytes(text), "nas1");
        if (read.Config is null && read.Problems.Count == 0) return "neither read nor refused";
        return read.Problems.FirstOrDefault(p => p.Message.Length == 0 || p.Line < 0 || p.ToString().Any(char.IsControl))?.ToString();
    });

    [Fact]
    public void Words_of_git_and_of_commits()
    {
        var command = Command.Of("git", "push");
        Fuzzing.Text(
            ["To x\n!\trefs/heads/a:refs/heads/b\t[remote rejected] (hook declined)\nDone\n", "!\ta:b\t[rejected] (non-fast-forward)\n"],
            text => PushVerdict.Read(new CommandResult(command, 1, text, "", TimeSpan.Zero, null)).Outcome == PushOutcome.Accepted ? "a failed push is accepted" : null);
        Fuzzing.Parser(["Add a share\n\nIt is for media.\n\nNasGitOps-Approve: 0123abcd\r\nSigned-off-by: x\n"], text => CommitTrailers.Find(text, CommitTrailers.Approve).ToList());
    }

    [Fact]
    public void A_state_file_is_read_or_moved_aside()
    {
        using var folder = new TempFolder();
        var store = new StateStore(folder.Root, TimeProvider.System, new RecordingLog());
        store.Save(AgentState.Empty with { InForceCommit = "c1", Approvals = [new Core.Ownership.Approval("d", "c1")] });
        Fuzzing.Text(
            [File.ReadAllText(folder["state.json"])],
            text =>
            {
                File.WriteAllBytes(folder["state.json"], Encoding.UTF8.GetBytes(text));
                return store.Load() is { Approvals: null } or { Records: null } ? "a state with holes" : null;
            },
            usual: 100);
    }

    [Fact]
    public void A_label_of_a_metric_ends_where_it_ends() => Fuzzing.Text(["tank/a"], value =>
    {
        var text = PrometheusText.Write([new MetricFamily("a", value, MetricType.Gauge, [new MetricSeries([new("x", value), new("y", "1")], 1)])]);
        return Regex.IsMatch(text, @"\A# HELP a [^\n]*\n# TYPE a gauge\na\{x=""([^""\\\n]|\\[\\""n])*"",y=""1""\} 1\n\z") ? null : text;
    });

    [Fact]
    public void No_word_becomes_markup_of_the_page()
    {
        var plain = Tags("plain");
        Fuzzing.Text(["plain"], value => Tags(value) == plain ? null : Tags(value));
    }

    [Fact]
    public void A_repository_of_any_names_is_chosen_from_and_each_problem_is_one_line() => Fuzzing.Text(
        ["common/a.yaml\nhosts/nas1/b.yaml\ncommon/link.yaml\ncommon/.git/c.yaml\ncommon/../d.yaml"],
        text =>
        {
            var read = TreeSelection.Read(new Paths(text.Split('\n')), [], "nas1");
            if (read.Problems.FirstOrDefault(p => p.ToString().Any(char.IsControl)) is { } odd) return $"a problem on two lines: {odd}";
            return read.Files.FirstOrDefault(f => f.Path.Any(char.IsControl) || f.Path.Split('/').Any(p => p.StartsWith('.')))?.Path;
        });

    [Fact]
    public async Task The_server_answers_or_refuses_whatever_it_is_sent()
    {
        using var metrics = new MetricsCollector(Telemetry.Meter);
        await using var server = new WebServer(new WebPages(new AgentReport(TimeProvider.System), metrics), new IPEndPoint(IPAddress.Loopback, 0), "nas1", TimeProvider.System, new RecordingLog());
        await server.StartAsync();
        var port = server.Address!.Port;
        var mutator = new Mutator(new Random(Fuzzing.Seed), ["GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "POST /webhook HTTP/1.1\r\nHost: nas1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Hub-Signature-256: sha256=0\r\n\r\n"]);
        for (var run = Fuzzing.Runs(150); run > 0; run--)
        {
            var request = mutator.Next();
            var answer = await SendAsync(port, Encoding.UTF8.GetBytes(request));
            Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && !answer.StartsWith("HTTP/1.1 503", StringComparison.Ordinal), $"{Fuzzing.Literal(request)}: {answer}");
        }

        // It has a place for a new client as soon as it has let go of those that hung up.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string last;
        do last = await SendAsync(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), hangsUp: false);
        while (!last.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) && !limit.IsCancellationRequested);
        Assert.StartsWith("HTTP/1.1 200", last);
    }

    /// <param name="hangsUp">Whether it says at once that nothing more comes: to the server that may look like a client who is gone.</param>
    private static async Task<string> SendAsync(int port, byte[] request, bool hangsUp = true)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        try
        {
            await client.GetStream().WriteAsync(request, limit.Token);
            if (hangsUp) client.Client.Shutdown(SocketShutdown.Send);
            using var answer = new MemoryStream();
            await client.GetStream().CopyToAsync(answer, limit.Token);
            return Encoding.Latin1.GetString(answer.ToArray());
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException) // it hung up before we were done
        {
            return "cut off";
        }
    }

    private static string Tags(string value)
    {
        var pass = Passes.Of("False", [Passes.Resource("SmbShare", value, "False", value, value)]);
        var status = pass.Status with { Host = value, InForceCommit = value, Problems = [new ManifestProblem(Severity.Error, value, 1, 1, "", value, value)] };
        var html = StatusPage.Html(new AgentFacts(new PassReport(null, status, PassFigures.Of(pass)), null, null, value));
        return string.Concat(Regex.Matches(html, "<[^>]*>").Select(m => m.Value));
    }

    /// <summary>A tree of files with these paths; those that are called a link are one.</summary>
    private sealed class Paths(string[] paths) : ITree
    {
        public EntryKind? KindOf(string path) => path is "common" or "hosts" or "hosts/nas1" ? EntryKind.Folder : null;

        public IEnumerable<TreeEntry> Below(string path) =>
            paths.Where(p => p.StartsWith(path + "/", StringComparison.Ordinal)).Select(p => new TreeEntry(p, p.Contains("link", StringComparison.Ordinal) ? EntryKind.LinkToFile : EntryKind.File, 1, () => [1]));
    }
}
