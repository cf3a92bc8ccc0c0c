using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NasGitOps.Web;

/// <summary>
/// The agent's own small server: read only, and less important than the storage. Where it cannot listen it says so once, tries again now and then (an address may
/// come up after us), and the agent goes on without it.
/// </summary>
internal sealed class WebServer(WebPages pages, IPEndPoint endpoint, string host, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>For an answer that is on its way when the agent stops.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping = new();
    private WebApplication? app;
    private Task retrying = Task.CompletedTask;

    /// <summary>Where it listens; null while it does not.</summary>
    public Uri? Address => app?.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Select(a => new Uri(a)).FirstOrDefault();

    /// <summary>Returns after the first attempt, whatever became of it.</summary>
    public async Task StartAsync()
    {
        if (await TryStartAsync() is not { } failure) return;
        log.LogError(
            "Cannot listen on {Endpoint}: {Failure}. The storage is looked after all the same; metrics and health checks are missing. See who has it with 'ss -ltnp', or change http.listen. Tried again every {Seconds} s",
            endpoint, failure, RetryAfter.TotalSeconds);
        retrying = RetryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await retrying;
        if (app is not null)
        {
            using var limit = new CancellationTokenSource(StopLimit);
            await app.StopAsync(limit.Token);
            await app.DisposeAsync();
        }

        stopping.Dispose();
    }

    private async Task RetryAsync()
    {
        try
        {
            do await Task.Delay(RetryAfter, time, stopping.Token);
            while (await TryStartAsync() is not null);
            log.LogInformation("Listening on {Endpoint} now", endpoint);
        }
        catch (OperationCanceledException)
        {
            // The agent stops before the address was free.
        }
    }

    /// <returns>Why it failed; null when it did not.</returns>
    private async Task<string?> TryStartAsync()
    {
        var candidate = Build();
        try
        {
            await candidate.StartAsync(stopping.Token);
            app = candidate;
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await candidate.DisposeAsync();
            return e.Message;
        }
    }

    private WebApplication Build()
    {
        // The empty builder: the others read appsettings.json of the working directory and ASPNETCORE_* of the environment, which could open further ports.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 32;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestLineSize = 2048;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8192;
            kestrel.Limits.MaxRequestHeaderCount = 50;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var built = builder.Build();
        built.Run(AnswerAsync);
        return built;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var page = Answer(context);
        var body = Encoding.UTF8.GetBytes(page.Body);
        var response = context.Response;
        response.StatusCode = page.Status;
        response.ContentType = page.ContentType;
        response.ContentLength = body.Length;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers.XFrameOptions = "DENY";
        if (page.Status == StatusCodes.Status405MethodNotAllowed) response.Headers.Allow = "GET, HEAD";
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private Page Answer(HttpContext context)
    {
        var request = context.Request;
        if (!HostNames.AreOurs(request.Host.Host, context.Connection.LocalIpAddress, host)) return Page.Text(StatusCodes.Status421MisdirectedRequest, $"this host is not called that here; ask for localhost, {host} or the address");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return Page.Text(StatusCodes.Status405MethodNotAllowed, "only GET and HEAD");
        try
        {
            return pages.Answer(request.Path.Value ?? "/");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "{Path} cannot be answered", request.Path.Value);
            return Page.Text(StatusCodes.Status500InternalServerError, "this cannot be answered; see 'journalctl -u nasgitops -e'");
        }
    }

    /// <summary>The agent handles signals itself: a SIGTERM must not stop the server while the running step still ends.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
