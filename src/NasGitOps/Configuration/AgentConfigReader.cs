using System.Net;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Configuration;

/// <summary>What was read, and everything that is wrong with it.</summary>
/// <param name="Config">Null when there are problems.</param>
internal sealed record ConfigResult(AgentConfig? Config, IReadOnlyList<ManifestProblem> Problems);

/// <summary>Reads the agent's configuration: every problem at once, with file, line and column, as for manifests.</summary>
internal sealed class AgentConfigReader
{
    private readonly string file;
    private readonly string hostName;
    private readonly List<ManifestProblem> problems = [];

    private AgentConfigReader(string file, string hostName)
    {
        this.file = file;
        this.hostName = hostName;
    }

    /// <param name="hostName">The machine's name: the default of <c>host</c>.</param>
    public static ConfigResult ReadFile(string file, string hostName)
    {
        try
        {
            return Read(file, File.ReadAllBytes(file), hostName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigResult(null, [new ManifestProblem(Severity.Error, file, 0, 0, "", $"the configuration cannot be read: {e.Message}", "name another with --config FILE")]);
        }
    }

    public static ConfigResult Read(string file, byte[] content, string hostName)
    {
        var reader = new AgentConfigReader(file, hostName);
        var yaml = YamlReader.Read(new SourceFile(file, content));
        reader.problems.AddRange(yaml.Problems);
        if (yaml.Problems.Count > 0) return new ConfigResult(null, yaml.Problems);
        if (yaml.Documents is not [MapNode root])
        {
            reader.problems.Add(new ManifestProblem(Severity.Error, file, 1, 1, "", "one YAML document with a mapping is expected", "see docs/configuration.md"));
            return new ConfigResult(null, reader.problems);
        }

        var config = reader.Build(new ConfigMap(file, "", root, reader.problems));
        return new ConfigResult(reader.problems.Count == 0 ? config : null, [.. reader.problems.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
    }

    private AgentConfig Build(ConfigMap root)
    {
        var host = root.Text("host") ?? hostName;
        if (!IsHostName(host)) root.Problem("host", $"'{Show.Text(host)}' is no host name", "letters, digits, '-' and '.', beginning with a letter or digit");
        var stateDirectory = root.Folder("stateDirectory") ?? "/var/lib/nasgitops";
        var repository = ReadRepository(root.Map("repository"));
        var status = ReadStatus(root.Map("status"), repository, stateDirectory);
        var reconcile = root.Map("reconcile");
        var safety = root.Map("safety");
        var config = new AgentConfig(
            host,
            repository,
            status,
            new ReconcileConfig(reconcile.Period("driftInterval", TimeSpan.FromSeconds(10)) ?? TimeSpan.FromMinutes(5), reconcile.Choice<ReconcileMode>("mode") ?? ReconcileMode.Enforce),
            new SafetyConfig(safety.Number("maxRemovals", 0) ?? new Policy().MaxRemovals, safety.Flag("allowEmpty") ?? false),
            ReadHttp(root.Map("http")),
            stateDirectory,
            ReadPaths(root),
            ReadHooks(root.Map("hooks")))
        {
            Windows = [.. root.Maps("maintenanceWindows").Select(ReadWindow).OfType<MaintenanceWindow>()],
            AgeIdentityFile = root.Map("secrets").Folder("ageIdentityFile"),
            Journal = ReadJournal(root.Map("journal")),
        };
        reconcile.Finish();
        safety.Finish();
        root.Finish();
        return config;
    }

    private static RepositoryConfig ReadRepository(ConfigMap map)
    {
        var remote = ReadRemote(map) ?? new GitRemote("/", new GitAuth());
        if (!map.Has("url")) map.Problem("", "repository.url is missing", "the repository to follow, as ssh://git@git.lan/storage.git");
        var branch = ReadBranch(map, "branch") ?? "main";
        var paths = map.Texts("paths");
        foreach (var (path, index) in paths.Where(p => p.Text.StartsWith('/') || p.Text.Length == 0 || p.Text.Split('/').Contains("..")))
        {
            map.Problem($"paths[{index}]", $"'{Show.Text(path)}' is no path below the repository's root", "as 'common' or 'hosts/nas1', without '..'; '.' is the root");
        }

        var interval = map.Period("interval", TimeSpan.FromSeconds(1)) ?? TimeSpan.FromSeconds(60);
        var verify = VerifyConfigReader.Read(map.Map("verify"));
        map.Finish();
        return new RepositoryConfig(remote, branch, [.. paths.Select(p => p.Text)], interval) { Verify = verify };
    }

    private static StatusConfig ReadStatus(ConfigMap map, RepositoryConfig repository, string stateDirectory)
    {
        var branch = ReadBranch(map, "branch");
        var other = map.Map("repository");
        var remote = map.Has("repository") ? ReadRemote(other) : null;
        if (map.Has("repository") && !other.Has("url")) other.Problem("", "status.repository.url is missing", "the repository that gets the status branch");
        other.Finish();
        if (branch is not null && branch == repository.Branch && (remote is null || remote.Url == repository.Remote.Url))
        {
            map.Problem("branch", $"'{branch}' is the followed branch: a status commit there would be followed as a change", "name another, as nasgitops/status/HOST");
        }

        var status = new StatusConfig(map.Folder("file") ?? Path.Combine(stateDirectory, "status.yaml"), branch, map.Period("heartbeat", TimeSpan.FromMinutes(1)) ?? TimeSpan.FromHours(1), remote)
        {
            SignKeyFile = ReadSign(map),
        };
        map.Finish();
        return status;
    }

    private static string? ReadSign(ConfigMap status)
    {
        var sign = status.Map("sign");
        var key = sign.Folder("sshKeyFile");
        if (status.Has("sign") && !sign.Has("sshKeyFile")) sign.Problem("", "status.sign.sshKeyFile is missing", "a private SSH key without a passphrase, as /etc/nasgitops/status.key");
        sign.Finish();
        return key;
    }

    private static GitRemote? ReadRemote(ConfigMap map)
    {
        var url = map.Text("url");
        if (url is not null && GitRemote.Refuse(url) is { } why)
        {
            map.Problem("url", $"cannot be used: {why}", "ssh://git@host/path.git, https://host/path.git, file:///path or /path");
            url = null;
        }

        var auth = map.Map("auth");
        var result = new GitAuth(auth.Folder("sshKeyFile"), auth.Folder("knownHostsFile"), auth.Text("username"), auth.Folder("tokenFile"));
        if (result.Username is not null && result.TokenFile is null) auth.Problem("username", "a user name without a token proves nothing", "give tokenFile too");
        auth.Finish();
        if (url is null) return null;
        var remote = new GitRemote(url, result);
        if (result.TokenFile is not null && remote.Protocol != "https") auth.Problem("tokenFile", $"a token is sent over https:// only, and the URL is {remote.Protocol}://", "use sshKeyFile for ssh://");
        if (result.SshKeyFile is not null && remote.Protocol != "ssh") auth.Problem("sshKeyFile", $"a key is used for ssh:// only, and the URL is {remote.Protocol}://", "use username and tokenFile for https://");
        return remote;
    }

    private static string? ReadBranch(ConfigMap map, string name)
    {
        if (map.Text(name) is not { } branch) return null;
        if (GitNames.IsBranch(branch)) return branch;
        map.Problem(name, $"'{Show.Text(branch)}' is no branch name", "as main or nasgitops/status/nas1, without 'refs/heads/'");
        return null;
    }

    private static HttpConfig ReadHttp(ConfigMap map)
    {
        var listen = map.Text("listen");
        if (listen is not (null or "none") && (!IPEndPoint.TryParse(listen, out var endpoint) || endpoint.Port == 0))
        {
            map.Problem("listen", $"'{Show.Text(listen)}' is no address with a port", "as 127.0.0.1:9753, or none");
        }

        map.NotBuilt("webhook", "the webhook");
        map.NotBuilt("tls", "TLS");
        map.NotBuilt("auth", "access control");
        map.Finish();
        return new HttpConfig(listen switch { null => "127.0.0.1:9753", "none" => null, _ => listen });
    }

    private static HostPaths ReadPaths(ConfigMap root)
    {
        var secrets = root.Map("secrets");
        var moved = root.Map("hostPaths");
        var standard = new HostPaths();
        var directory = secrets.Folder("directory");
        secrets.Has("ageIdentityFile"); // read beside these paths
        var movedSecrets = moved.Folder("secretsDirectory");
        if (directory is not null && movedSecrets is not null && directory != movedSecrets)
        {
            moved.Problem("secretsDirectory", "secrets.directory names another folder", "give one of the two");
        }

        var paths = new HostPaths
        {
            ExportsDirectory = moved.Folder("exportsDirectory") ?? standard.ExportsDirectory,
            SambaDirectory = moved.Folder("sambaDirectory") ?? standard.SambaDirectory,
            AvahiDirectory = moved.Folder("avahiDirectory") ?? standard.AvahiDirectory,
            SecretsDirectory = directory ?? movedSecrets ?? standard.SecretsDirectory,
        };
        secrets.Finish();
        moved.Finish();
        return paths;
    }

    private static MaintenanceWindow? ReadWindow(ConfigMap map)
    {
        var (cron, zone) = (map.Text("cron"), map.Text("timeZone"));
        var duration = map.Period("duration", TimeSpan.FromMinutes(1));
        if (!map.Has("cron")) map.Problem("", "a maintenance window without cron never opens", "say when it opens, as cron: \"0 2 * * *\"");
        if (!map.Has("duration")) map.Problem("", "a maintenance window without duration never ends", "say how long it stays open, as duration: 3h");
        map.Finish();
        if (zone is not null && Schedule.CheckTimeZone(zone) is { } unknown)
        {
            map.Problem("timeZone", unknown, "as Europe/Berlin");
            return null;
        }

        if (cron is null || duration is null) return null;
        if (Schedule.TryParse(cron, zone, out var schedule, out var error)) return new MaintenanceWindow(schedule.Cron, schedule.TimeZone, duration.Value);
        map.Problem("cron", error, "five fields, as \"0 2 * * *\", or @hourly, @daily, @weekly, @monthly");
        return null;
    }

    private static JournalLimits ReadJournal(ConfigMap map)
    {
        var limits = new JournalLimits(map.Size("maxSize", JournalLimits.LeastBytes) ?? JournalLimits.Default.MaxBytes, map.Number("keep", 1) ?? JournalLimits.Default.Keep);
        map.Finish();
        return limits;
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadHooks(ConfigMap map)
    {
        var hooks = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var name in map.Names)
        {
            var command = map.Texts(name).Select(t => t.Text).ToList();
            if (!SecretFile.IsName(name)) map.Problem(name, $"'{Show.Text(name)}' is no name for a hook", "letters, digits, '.', '_' and '-', beginning with a letter or digit");
            else if (command.Count == 0 || !command[0].StartsWith('/')) map.Problem(name, "a hook is a list that begins with a program's absolute path", $"as '{name}: [/usr/local/sbin/{name}, --wait]'");
            else hooks[name] = command;
        }

        map.Finish();
        return hooks;
    }

    private static bool IsHostName(string name) => name.Length is > 0 and <= 253 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
