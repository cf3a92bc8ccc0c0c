using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Kinds;
using NasGitOps.Reconciling;
using NasGitOps.Source;
using NasGitOps.State;
using NasGitOps.Tests.Source;
using NasGitOps.Trust;

namespace NasGitOps.Tests.Trust;

/// <summary>A repository, people with real keys, and a host that believes some of them.</summary>
internal sealed class TrustLab : IDisposable
{
    public const string Group = "apiVersion: nasgitops.io/v1\nkind: Group\nmetadata: {name: staff}\nspec: {gid: 3000}\n";

    private readonly GitLab git = new();
    private DesiredStateReader? reader;

    public TrustLab()
    {
        foreach (var person in new[] { "ada", "bob", "mallory" }) MakeKey(person);
        Allow("ada", "bob");
        Verify = new VerifyConfig(VerifyMode.Range) { AllowedSignersFile = git["allowed_signers"] };
        First = Commit(null, "first", ("common/group.yaml", Group));
        Verify = Verify with { Anchor = First };
    }

    public GitLab Git => git;

    public VerifyConfig Verify { get; set; }

    /// <summary>Unsigned, and the anchor.</summary>
    public string First { get; }

    public AgentState State { get; set; } = AgentState.Empty;

    /// <summary>A tool that the host lacks.</summary>
    public string? Missing { get; set; }

    public string this[string relative] => git[relative];

    public void MakeKey(string person) => Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", git[person]);

    public string PublicKey(string person) => string.Join(' ', File.ReadAllText(git[person + ".pub"]).Split(' ').Take(2));

    public string Fingerprint(string person) => Run("ssh-keygen", "-l", "-f", git[person + ".pub"]).Split(' ')[1];

    /// <summary>Writes the allowed signers file.</summary>
    public void Allow(params string[] people) => AllowLines([.. people.Select(p => $"{p}@example.org {PublicKey(p)}")]);

    public void AllowLines(params string[] lines) => File.WriteAllText(git["allowed_signers"], string.Concat(lines.Select(l => l + "\n")));

    /// <summary>Commits and pushes; unsigned without a person.</summary>
    public string Commit(string? person, string message, params (string Path, string Content)[] files)
    {
        Write(files);
        Sign(person, "commit", "-q", "--allow-empty", "-m", message);
        return Push();
    }

    public void Write(params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(git.Work, path))!);
            File.WriteAllText(Path.Combine(git.Work, path), content);
        }

        Work("add", "-A");
    }

    /// <summary>A git command that makes a commit, signed by a person.</summary>
    public void Sign(string? person, params string[] arguments) =>
        Work(person is null ? arguments : ["-c", "gpg.format=ssh", "-c", $"user.signingkey={git[person]}", "-c", "commit.gpgsign=true", .. arguments]);

    public string Work(params string[] arguments) => git.Git(git.Work, arguments).Trim();

    public string Push()
    {
        Work("push", "-q", "--force", git.Server, "HEAD:main");
        return Work("rev-parse", "HEAD");
    }

    /// <summary>Makes a commit of any text or bytes and pushes it.</summary>
    public string PushObject(byte[] content)
    {
        File.WriteAllBytes(git["object"], content);
        Work("reset", "-q", "--hard", Work("hash-object", "-t", "commit", "-w", git["object"]));
        return Push();
    }

    public string PushObject(string content) => PushObject(Encoding.UTF8.GetBytes(content));

    public string Object(string commit) => git.Git(git.Work, "cat-file", "commit", commit);

    /// <summary>One pass' reading; what it says is remembered as a pass does.</summary>
    public async Task<DesiredState> Read(bool acceptRewrite = false)
    {
        Store().Save(State);
        State = Store().Load();
        reader ??= NewReader();
        var state = reader.Vouched(State);
        var desired = await reader.ReadAsync(state, acceptRewrite, CancellationToken.None);
        State = state with { InForceCommit = desired.InForce, Trust = desired.Trust, LastAttemptedCommit = desired.Attempted, Approvals = desired.Approvals };
        return desired;
    }

    /// <summary>As after a restart, also with another configuration.</summary>
    public void Restart() => reader = null;

    public async Task<string> Refused(string reason)
    {
        var before = State.InForceCommit;
        var desired = await Read();
        Assert.Equal(reason, desired.FailureReason);
        Assert.Equal(before, desired.InForce);
        return desired.Failure!;
    }

    public async Task MustFollow(string commit)
    {
        var desired = await Read();
        Assert.Null(desired.Failure);
        Assert.Equal(commit, desired.InForce);
    }

    public static string Run(string tool, params string[] arguments)
    {
        var result = new CommandRunner().RunAsync(Command.Of(tool, arguments), CommandOptions.None, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded ? result.Output : throw new InvalidOperationException(result.Evidence());
    }

    public void Dispose() => git.Dispose();

    private DesiredStateReader NewReader()
    {
        var config = git.Config();
        config = config with { Repository = config.Repository with { Verify = Verify } };
        var source = GitSource.Create(config, git.Runner, TimeProvider.System, git.Log);
        return new DesiredStateReader(config, source, new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas), Store(), new HistoryTrust(Verify, source, new Without(git.Runner, () => Missing)));
    }

    private StateStore Store() => new(git.State, TimeProvider.System, NullLogger.Instance);

    /// <summary>The real runner on a host that lacks a tool.</summary>
    private sealed class Without(ICommandRunner runner, Func<string?> tool) : ICommandRunner
    {
        public Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct) =>
            runner.RunAsync(command.Tool == tool() ? command with { Tool = "/nowhere/" + command.Tool } : command, options, ct);
    }
}
