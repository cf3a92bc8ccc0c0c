using System.Text;
using NasGitOps.Configuration;
using NasGitOps.Core.Planning;

namespace NasGitOps.Tests.Configuration;

public sealed class AgentConfigTests
{
    [Fact]
    public void A_repository_is_all_that_must_be_said()
    {
        var config = Valid("repository: {url: /srv/git/storage.git}");

        Assert.Equal("machine", config.Host);
        Assert.Equal(("main", TimeSpan.FromSeconds(60), 0), (config.Repository.Branch, config.Repository.Interval, config.Repository.Paths.Count));
        Assert.Equal(("/var/lib/nasgitops", "/var/lib/nasgitops/status.yaml", null), (config.StateDirectory, config.Status.File, config.Status.Branch));
        Assert.Equivalent(new Policy(ReconcileMode.Enforce, 5, false), config.Policy, strict: true);
        Assert.Equal("127.0.0.1:9753", config.Http.Listen);
        Assert.Equal("/etc/nasgitops/secrets", config.HostPaths.SecretsDirectory);
    }

    [Fact]
    public void Every_field_that_works_today_is_read()
    {
        var config = Valid("""
            host: nas1
            repository:
              url: ssh://git@git.lan/storage.git
              branch: live
              paths: [common, hosts/nas1]
              interval: 30s
              auth: {sshKeyFile: /etc/nasgitops/key, knownHostsFile: /etc/nasgitops/hosts}
              verify: {mode: none}
            status:
              file: /run/status.yaml
              branch: nasgitops/status/nas1
              heartbeat: 2h
              repository: {url: "https://git.lan/status.git", auth: {username: bot, tokenFile: /etc/nasgitops/token}}
            reconcile: {driftInterval: 1m, mode: report}
            safety: {maxRemovals: 0, allowEmpty: true}
            http: {listen: "[::1]:9000"}
            secrets: {directory: /run/secrets/, ageIdentityFile: /etc/nasgitops/age.key}
            journal: {maxSize: 1MiB, keep: 3}
            stateDirectory: /srv/state
            hooks: {quiesce: [/usr/local/sbin/quiesce, --wait]}
            maintenanceWindows: [{cron: "0 2 * * *", duration: 3h, timeZone: Europe/Berlin}, {cron: "@weekly", duration: 1d}]
            hostPaths: {exportsDirectory: /t/exports, sambaDirectory: /t/samba, avahiDirectory: /t/avahi}
            """);

        Assert.Equal("live", config.Repository.Branch);
        Assert.Equal(["common", "hosts/nas1"], config.Repository.Paths);
        Assert.Equal("/etc/nasgitops/key", config.Repository.Remote.Auth.SshKeyFile);
        Assert.Equal(("https://git.lan/status.git", "bot"), (config.Status.Remote!.Url, config.Status.Remote.Auth.Username));
        Assert.Equivalent(new Policy(ReconcileMode.Report, 0, true) { Hooks = ["quiesce"], Windows = [new("0 2 * * *", "Europe/Berlin", TimeSpan.FromHours(3)), new("0 0 * * 0", "UTC", TimeSpan.FromDays(1))] }, config.Policy, strict: true);
        Assert.Equal(("/etc/nasgitops/age.key", 1024L * 1024, 3), (config.AgeIdentityFile, config.Journal.MaxBytes, config.Journal.Keep));
        Assert.Equal(["/usr/local/sbin/quiesce", "--wait"], config.Hooks["quiesce"]);
        Assert.Equal(("/run/secrets", "/t/samba"), (config.HostPaths.SecretsDirectory, config.HostPaths.SambaDirectory));
    }

    [Fact]
    public void All_problems_are_told_at_once_with_their_places()
    {
        var problems = Problems("""
            repositry: {url: /x}
            repository:
              url: git@git.lan:storage.git
              intervall: 30s
              branch: "a..b"
            safety: {maxRemovals: many}
            """);

        Assert.Equal(
            [
                "agent.yaml:1:1: error: repositry: unknown field 'repositry'; did you mean 'repository'? (known here: hooks, host, hostPaths, http, journal, maintenanceWindows, reconcile, repository, safety, secrets, stateDirectory and status)",
                "agent.yaml:3:8: error: repository.url: cannot be used: write it as ssh://git@git.lan/storage.git (ssh://git@host/path.git, https://host/path.git, file:///path or /path)",
                "agent.yaml:4:3: error: repository.intervall: unknown field 'intervall'; did you mean 'interval'? (known here: auth, branch, interval, paths, url and verify)",
                "agent.yaml:5:11: error: repository.branch: 'a..b' is no branch name (as main or nasgitops/status/nas1, without 'refs/heads/')",
                "agent.yaml:6:23: error: safety.maxRemovals: a whole number of at least 0 is expected here (as 5)",
            ],
            problems);
    }

    [Theory]
    [InlineData("repository: {url: /x}\nhttp: {webhook: {secretFile: /x}}", "the webhook: this version does not have that yet")]
    [InlineData("repository: {url: /x}\nhttp: {tls: {}}", "TLS: this version does not have that yet")]
    public void What_is_not_built_yet_is_refused_and_never_ignored(string yaml, string expected) => Assert.Contains(expected, Assert.Single(Problems(yaml)), StringComparison.Ordinal);

    [Theory]
    [InlineData("host: nas1", "repository.url is missing")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: [{cron: '0 25 * * *', duration: 1h}]", "2:29: error: maintenanceWindows[0].cron: hour '25' is not")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: [{cron: '@daily', duration: 1h, timeZone: Berlin}]", "maintenanceWindows[0].timeZone: time zone 'Berlin' is not known")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: [{cron: '@daily', duration: 1h}, {cron: '@daily'}]", "maintenanceWindows[1]: a maintenance window without duration never ends")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: [{duration: 1h}]", "a maintenance window without cron never opens")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: [{cron: '@daily', duration: 0s}]", "is no duration of at least 1m")]
    [InlineData("repository: {url: /x}\nmaintenanceWindows: {cron: '@daily'}", "a list of mappings is expected here")]
    [InlineData("repository: {}", "repository.url is missing")]
    [InlineData("repository: {url: 'https://user:token@git.lan/x.git'}", "must not carry a user's token or password")]
    [InlineData("repository: {url: 'http://git.lan/x.git'}", "http:// is not supported")]
    [InlineData("repository: {url: 'ext::sh -c id'}", "cannot be used")]
    [InlineData("repository: {url: 'ssh://-oProxyCommand=id/x'}", "cannot be used")]
    [InlineData("repository: {url: '--upload-pack=id'}", "cannot be used")]
    [InlineData("repository: {url: /x, paths: [../y]}", "no path below the repository's root")]
    [InlineData("repository: {url: /x, auth: {tokenFile: /t}}", "a token is sent over https:// only")]
    [InlineData("repository: {url: /x}\nstatus: {branch: main}", "is the followed branch")]
    [InlineData("repository: {url: /x}\nstatus: {branch: main, repository: {url: /x}}", "is the followed branch")]
    [InlineData("repository: {url: /x}\nstateDirectory: relative", "no absolute path")]
    [InlineData("repository: {url: /x}\nreconcile: {mode: enforced}", "did you mean 'enforce'?")]
    [InlineData("repository: {url: /x}\nhttp: {listen: somewhere}", "no address with a port")]
    [InlineData("repository: {url: /x}\nhost: -x", "no host name")]
    [InlineData("repository: {url: /x}\nhooks: {a: [fsfreeze]}", "begins with a program's absolute path")]
    [InlineData("repository: {url: /x}\nhooks: {a: []}", "begins with a program's absolute path")]
    [InlineData("repository: {url: /x}\nhooks: {../a: [/bin/x]}", "is no name for a hook")]
    [InlineData("repository: {url: /x}\njournal: {maxSize: 1K}", "no size of at least 64 KiB")]
    [InlineData("repository: {url: /x}\njournal: {keep: 0}", "at least 1 is expected")]
    [InlineData("repository: {url: /x}\nsecrets: {ageIdentityFile: key}", "no absolute path")]
    [InlineData("repository: [a]", "a mapping is expected here")]
    [InlineData("", "one YAML document with a mapping is expected")]
    [InlineData("a: [", "malformed YAML")]
    [InlineData("host: a\nhost: b", "duplicate key")]
    public void Each_mistake_is_told_in_words(string yaml, string expected) => Assert.Contains(expected, string.Join('\n', Problems(yaml)), StringComparison.Ordinal);

    [Fact]
    public void A_status_branch_named_as_the_followed_one_is_fine_in_another_repository() =>
        Valid("repository: {url: /x}\nstatus: {branch: main, repository: {url: /y}}");

    [Fact]
    public void A_missing_file_is_told_with_the_way_out() =>
        Assert.Contains("name another with --config FILE", Assert.Single(AgentConfigReader.ReadFile("/nowhere/agent.yaml", "machine").Problems).ToString(), StringComparison.Ordinal);

    private static AgentConfig Valid(string yaml)
    {
        var result = AgentConfigReader.Read("agent.yaml", Encoding.UTF8.GetBytes(yaml), "machine");
        Assert.Empty(result.Problems.Select(p => p.ToString()));
        return result.Config!;
    }

    private static List<string> Problems(string yaml)
    {
        var result = AgentConfigReader.Read("agent.yaml", Encoding.UTF8.GetBytes(yaml), "machine");
        Assert.Null(result.Config);
        return [.. result.Problems.Select(p => p.ToString())];
    }
}
