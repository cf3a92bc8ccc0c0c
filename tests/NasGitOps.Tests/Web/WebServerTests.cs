using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NasGitOps.Agent;
using NasGitOps.Reporting;
using NasGitOps.Tests.Source;
using NasGitOps.Web;

namespace NasGitOps.Tests.Web;

public sealed class WebServerTests : IAsyncLifetime
{
    private readonly TestClock clock = new();
    private readonly RecordingLog log = new();
    private readonly AgentReport report;
    private readonly MetricsCollector metrics;
    private readonly WebServer server;
    private readonly HttpClient client = new();

    public WebServerTests()
    {
        report = new AgentReport(clock);
        metrics = new MetricsCollector(Telemetry.Meter);
        Telemetry.BeginAtZero();
        server = Server(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public async Task InitializeAsync()
    {
        await server.StartAsync();
        client.BaseAddress = server.Address;
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        metrics.Dispose();
    }

    [Fact]
    public async Task Before_the_first_pass_the_agent_is_alive_and_not_ready()
    {
        Assert.Equal((200, "alive\n"), await Get("/healthz"));
        Assert.Equal((503, "not ready: no pass has ended yet\n"), await Get("/readyz"));
        Assert.Equal(503, (await Get("/status.json")).Status);
        Assert.Contains("No pass has ended yet", (await Get("/")).Body, StringComparison.Ordinal);
        Assert.Contains("nasgitops_passes_total{result=\"ok\"}", (await Get("/metrics")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_good_pass_it_is_ready_and_tells_the_status()
    {
        report.PassEnded(Passes.Of("True", [Passes.Resource("Dataset", "tank/ours")]));

        Assert.Equal((200, "ready\n"), await Get("/readyz"));
        using var json = JsonDocument.Parse((await Get("/status.json")).Body);
        Assert.Equal("nas1", json.RootElement.GetProperty("host").GetString());
        Assert.Equal("tank/ours", json.RootElement.GetProperty("resources")[0].GetProperty("name").GetString());
        Assert.Contains("Dataset/tank/ours", (await Get("/")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_ready_says_why_in_plain_text()
    {
        report.PassEnded(Passes.Of("False", []));
        Assert.Equal((503, "not ready: Because: of <this>\n"), await Get("/readyz"));

        report.PassEnded(Passes.Of("True", []));
        report.PassAborted("the disk is full");
        Assert.Equal((503, "not ready: the last pass did not come to its end: the disk is full\n"), await Get("/readyz"));
    }

    [Fact]
    public async Task A_loop_that_is_not_heard_of_in_time_is_not_alive()
    {
        report.Sleeps(TimeSpan.FromMinutes(5));
        clock.Advance(TimeSpan.FromMinutes(5.5));
        Assert.Equal(200, (await Get("/healthz")).Status);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(503, (await Get("/healthz")).Status);

        report.Works();
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await Get("/healthz")).Status);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("the loop began to work 3660 s ago", (await Get("/healthz")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/metrics", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("/nowhere", "text/plain; charset=utf-8")]
    public async Task Every_answer_carries_the_headers_that_keep_browsers_out(string path, string type)
    {
        using var response = await client.GetAsync(path);

        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Other_paths_are_not_found() => Assert.Equal(404, (await Get("/metrics/..%2f..%2fetc/passwd")).Status);

    [Fact]
    public async Task Only_reading_is_allowed()
    {
        using var posted = await client.PostAsync("/", null);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/healthz"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        Assert.Equal(["GET", "HEAD"], posted.Content.Headers.Allow);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(6, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("evil.example.org:9753", 421)]
    [InlineData("10.1.2.3", 421)]
    [InlineData("localhost.evil.example.org", 421)]
    [InlineData("nas1.evil.example.org", 421)]
    [InlineData("localhost:9753", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:9753", 200)]
    [InlineData("NAS1:9753", 200)]
    public async Task Only_the_names_of_this_host_are_answered_so_that_no_web_page_can_read_it_by_DNS_rebinding(string host, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = host;
        using var response = await client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_huge_request_is_refused()
    {
        using var response = await client.GetAsync("/?" + new string('x', 5000));

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
    }

    [Fact]
    public async Task A_taken_port_is_told_once_and_the_agent_goes_on_until_the_port_is_free()
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var endpoint = (IPEndPoint)taken.LocalEndpoint;
        await using var second = Server(endpoint);

        await second.StartAsync();

        Assert.Null(second.Address);
        Assert.Contains($"Cannot listen on {endpoint}", Assert.Single(log.Lines), StringComparison.Ordinal);
        taken.Stop();
        for (var i = 0; i < 100 && second.Address is null; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(50);
        }

        Assert.NotNull(second.Address);
    }

    private WebServer Server(IPEndPoint endpoint) => new(new WebPages(report, metrics), endpoint, "nas1", clock, log);

    private async Task<(int Status, string Body)> Get(string path)
    {
        using var response = await client.GetAsync(path);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
