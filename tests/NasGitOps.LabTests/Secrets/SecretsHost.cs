using System.Net;
using System.Net.Sockets;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Secrets;

/// <summary>Users of this machine with passwords in a Samba database of the test's own, and tools that write down what they see of processes and of their input.</summary>
/// <remarks>What may hold secrets lies in the folder <c>hidden</c>; everything else is searched for them.</remarks>
public sealed class SecretsHost : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nasgitops-secrets-").FullName;
    private readonly List<string> printed = [];

    public SecretsHost()
    {
        foreach (var name in new[] { "repo/hosts/nas", "repo/secrets", "exports", "samba/private", "avahi", "state", "bin", "hidden/secrets", "hidden/credentials" })
            Directory.CreateDirectory(At(name));
        File.WriteAllText(At("agent.yaml"), $$"""
            host: nas
            repository: {url: {{folder}}/repo, branch: main, interval: 1s}
            status: {file: {{folder}}/status.yaml, branch: nasgitops/status/nas}
            reconcile: {driftInterval: 10s}
            http: {listen: "{{Endpoint}}"}
            stateDirectory: {{folder}}/state
            secrets: {ageIdentityFile: {{folder}}/hidden/age.key}
            hostPaths: {exportsDirectory: {{folder}}/exports, sambaDirectory: {{folder}}/samba, avahiDirectory: {{folder}}/avahi, secretsDirectory: {{folder}}/hidden/secrets}

            """);
        File.WriteAllText(At("samba/smb.conf"), $"""
            [global]
            passdb backend = tdbsam
            private dir = {folder}/samba/private
            state directory = {folder}/samba/private
            lock directory = {folder}/samba/private
            cache directory = {folder}/samba/private
            pid directory = {folder}/samba/private
            ncalrpc dir = {folder}/samba/private/ncalrpc

            """);
        foreach (var tool in new[] { "smbpasswd", "pdbedit", "age", "useradd" }) Record(tool);
    }

    /// <summary>Unix names are the machine's, so each run has its own.</summary>
    public string Prefix { get; } = "ngt" + Guid.NewGuid().ToString("N")[..8];

    public string Endpoint { get; } = FreeEndpoint();

    /// <summary>While set, <c>smbpasswd</c> prints back what it was given and fails.</summary>
    public bool ToolEchoes
    {
        set
        {
            if (value) File.WriteAllText(At("echo"), "");
            else File.Delete(At("echo"));
        }
    }

    public string At(string name) => Path.Combine(folder, name);

    public string User(string name, int uid) => $"---\napiVersion: nasgitops.io/v1\nkind: User\nmetadata: {{name: {Prefix}{name}}}\nspec: {{uid: {uid}, smb: {{password: {{secretRef: {name}}}}}}}\n";

    public void Put(string name, string value)
    {
        File.WriteAllText(At($"hidden/{name}"), value);
        File.SetUnixFileMode(At($"hidden/{name}"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>A new key of the host, and what it opens: the repository's secret of that value.</summary>
    public async Task Encrypt(string name, string value)
    {
        if (!File.Exists(At("hidden/age.key"))) await Must("age-keygen -o hidden/age.key 2>/dev/null");
        Put("plain", value);
        await Must($"age -r $(age-keygen -y hidden/age.key) -o repo/secrets/{name}.age hidden/plain");
    }

    public async Task Commit(params string[] manifests)
    {
        if (manifests.Length > 0) await File.WriteAllTextAsync(At("repo/hosts/nas/all.yaml"), string.Concat(manifests));
        await Must("cd repo && (test -d .git || git init -q -b main) && git add -A && git -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m change");
    }

    /// <summary>Every word that it prints is kept for the search.</summary>
    public async Task<ShellResult> Nasgitops(params string[] arguments)
    {
        var result = await Shell.Run(Checkout.Binary(), [.. arguments, "--config", At("agent.yaml"), "-v"], environment: Environment());
        printed.Add(result.ToString());
        printed.Add(result.Output);
        printed.Add(result.Error);
        return result;
    }

    /// <summary>Runs the agent until a page shows what is waited for, and keeps all pages.</summary>
    public async Task Agent(Func<string, bool> shown)
    {
        var start = $"echo $$ >{At("pid")}; exec {Checkout.Binary()} agent -v --config {At("agent.yaml")}";
        var running = Shell.Run("/bin/bash", ["-c", start], environment: Environment(), shownAs: "agent");
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Endpoint}/") };
        var deadline = DateTime.UtcNow.AddMinutes(2);
        var text = "";
        while (!shown(text) && DateTime.UtcNow < deadline && !running.IsCompleted)
        {
            await Task.Delay(200);
            text = await Get(http, "status.json");
        }

        Assert.True(shown(text), running.IsCompleted ? (await running).ToString() : text);
        foreach (var page in new[] { "", "metrics", "healthz", "readyz", "status.json" }) printed.Add(await Get(http, page));
        await Must($"kill -TERM $(cat {At("pid")})");
        var ended = await running;
        printed.Add(ended.Output);
        printed.Add(ended.Error);
        Assert.True(ended.Ok, ended.ToString());
    }

    public async Task<string> Must(string command)
    {
        var result = await Shell.Run("/bin/bash", ["-c", command], directory: folder, shownAs: command);
        Assert.True(result.Ok, result.ToString());
        return result.Text;
    }

    /// <summary>The hash that Samba keeps of a user's password.</summary>
    public async Task<string> Hash(string name) => (await Must($"pdbedit -s samba/smb.conf -L -w -u {Prefix}{name}")).Split(':')[3];

    /// <summary>Everything that could be read by somebody: files, the objects of both repositories, what was printed, what processes showed. By place.</summary>
    public async Task<IReadOnlyList<(string Place, byte[] Content)>> Evidence()
    {
        var found = printed.Select((text, i) => ($"output {i}", System.Text.Encoding.UTF8.GetBytes(text))).ToList();
        foreach (var repository in new[] { "repo/.git", "state/mirror.git" })
        {
            // Objects are compressed; each is written out.
            await Must($"git --git-dir={repository} cat-file --batch-all-objects --batch >{repository}/all-objects");
        }

        found.AddRange(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(At("hidden/"), StringComparison.Ordinal))
            .Select(f => (Path.GetRelativePath(folder, f), File.ReadAllBytes(f))));
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.Run("/bin/bash", ["-c", $"for user in $(getent passwd | cut -d: -f1 | grep ^{Prefix}); do userdel $user; done"]);
        Directory.Delete(folder, recursive: true);
    }

    private static string FreeEndpoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    private static async Task<string> Get(HttpClient http, string page)
    {
        try
        {
            return await (await http.GetAsync(new Uri(page, UriKind.Relative))).Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>A tool before the real one: writes down arguments and environments of itself, of who started it and all command lines, and what it was given.</summary>
    private void Record(string tool)
    {
        File.WriteAllText(At($"bin/{tool}"), $$"""
            #!/bin/bash
            cd {{folder}}
            cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline /proc/$PPID/environ /proc/[0-9]*/cmdline 2>/dev/null >>processes
            PATH=${PATH#{{folder}}/bin:}
            if [ {{tool}} = smbpasswd ]; then
              cat >hidden/given.$$
              cat hidden/given.$$ >>hidden/given
              if [ -e echo ]; then
                printf 'could not set: '
                cat hidden/given.$$
                printf 'not accepted: %s\n' "$(sed 's/"/\\"/g' hidden/given.$$)" >&2
                exit 1
              fi
              exec {{tool}} "$@" <hidden/given.$$
            fi
            exec {{tool}} "$@"

            """);
        File.SetUnixFileMode(At($"bin/{tool}"), (UnixFileMode)0b111_101_101);
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = $"{At("bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["CREDENTIALS_DIRECTORY"] = At("hidden/credentials"),
    };
}
