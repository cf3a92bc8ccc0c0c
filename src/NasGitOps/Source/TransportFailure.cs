using NasGitOps.Execution;

namespace NasGitOps.Source;

/// <summary>Says in words why git could not talk to a server, and what to do.</summary>
internal static class TransportFailure
{
    private static readonly (string Sign, string WayOut)[] Known =
    [
        ("couldn't find remote ref", "the branch does not exist there: check repository.branch, or push it"),
        ("Host key verification failed", "the server's key is not in the known hosts file: 'ssh-keyscan HOST', compare its fingerprint, add it to auth.knownHostsFile"),
        ("No ED25519 host key is known", "the server's key is not in the known hosts file: 'ssh-keyscan HOST', compare its fingerprint, add it to auth.knownHostsFile"),
        ("Permission denied (", "the server does not accept the key: check auth.sshKeyFile (0600, root) and that its public half is allowed there"),
        ("Authentication failed", "the server does not accept the credentials: check auth.username and the token in auth.tokenFile"),
        ("error: 401", "the server does not accept the credentials: check auth.username and the token in auth.tokenFile"),
        ("error: 403", "the server knows these credentials and does not allow this: check the rights of the token in auth.tokenFile"),
        ("could not read Username", "the server asks for credentials: set auth.username and auth.tokenFile"),
        ("Could not resolve host", "the name does not resolve: check the URL and 'getent hosts HOST'"),
        ("Connection refused", "nothing listens there: check the URL's port and the server"),
        ("timed out", "the server does not answer: check the network and the server"),
        ("not appear to be a git repository", "check the URL: there is no repository of that name"),
        ("not found", "check the URL: there is no repository of that name, or these credentials may not see it"),
        ("does not exist", "check the URL: there is no repository of that name"),
        ("dubious ownership", "the repository's folder belongs to another user than the URL's path says: check it with 'ls -ld'"),
        ("No space left", "the disk of the state directory is full: 'df -h /var/lib/nasgitops'"),
    ];

    public static string Explain(string what, GitRemote remote, CommandResult result)
    {
        var said = $"{result.Failure} {result.Errors}";
        var wayOut = Known.FirstOrDefault(k => said.Contains(k.Sign, StringComparison.OrdinalIgnoreCase)).WayOut ?? "try the command by hand";
        return $"{what} of {remote.Url}: {wayOut}. {result.Evidence()}";
    }
}
