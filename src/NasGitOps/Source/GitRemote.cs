using System.Text;

namespace NasGitOps.Source;

/// <summary>How to prove who we are to a repository's server; everything is a file on the host, nothing a value.</summary>
internal sealed record GitAuth(string? SshKeyFile = null, string? KnownHostsFile = null, string? Username = null, string? TokenFile = null);

/// <summary>A repository elsewhere.</summary>
/// <param name="Url"><c>ssh://</c>, <c>https://</c>, <c>file://</c> or an absolute path; without a password, which would stand on command lines.</param>
internal sealed record GitRemote(string Url, GitAuth Auth)
{
    public override string ToString() => Url;

    /// <summary>The one protocol git may speak.</summary>
    public string Protocol => Url.StartsWith('/') ? "file" : Url[..Url.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>The folder, when the repository is on this machine.</summary>
    public string? LocalPath => Url.StartsWith('/') ? Url : Url.StartsWith("file://", StringComparison.Ordinal) ? Uri.UnescapeDataString(Url["file://".Length..]) : null;

    /// <summary>Why a URL cannot be used, or null.</summary>
    public static string? Refuse(string url)
    {
        if (url.Any(c => char.IsControl(c) || c == ' ')) return "a URL has no blanks or control characters";
        if (url.StartsWith('/')) return null;
        if (!url.Contains("://", StringComparison.Ordinal))
        {
            var colon = url.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 && !url.StartsWith('-')
                ? $"write it as ssh://{url[..colon]}/{url[(colon + 1)..].TrimStart('/')}"
                : "it must begin with ssh://, https://, file:// or be an absolute path";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) return "it is no URL";
        if (uri.Scheme is not ("ssh" or "https" or "file")) return $"{uri.Scheme}:// is not supported: use ssh://, https://, file:// or an absolute path";
        if (uri.Host.StartsWith('-')) return "a host name does not begin with '-'";
        if (uri.Scheme != "file" && uri.Host.Length == 0) return "it has no host name";
        return uri.UserInfo.Contains(':', StringComparison.Ordinal) || (uri.Scheme == "https" && uri.UserInfo.Length > 0)
            ? "it must not carry a user's token or password, which every process list would show: use auth.username and auth.tokenFile"
            : null;
    }

    /// <summary>Settings of git for talking to this remote; they go through the environment, so that the token is on no command line.</summary>
    /// <exception cref="SourceException">The token's file cannot be read.</exception>
    public IEnumerable<(string Key, string Value)> Settings()
    {
        yield return ("protocol.allow", "never");
        yield return ($"protocol.{Protocol}.allow", "always");
        if (Protocol != "https") yield break;
        yield return ("http.lowSpeedLimit", "1");
        yield return ("http.lowSpeedTime", "30");
        yield return ("credential.helper", "");
        if (Auth.TokenFile is null) yield break;
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Auth.Username ?? "git"}:{ReadToken(Auth.TokenFile)}"));
        yield return ($"http.{Url}.extraHeader", $"Authorization: Basic {credentials}");
    }

    /// <summary>The ssh command line that git hands to a shell: every path is quoted.</summary>
    public string SshCommand()
    {
        var command = new StringBuilder("ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3");
        if (Auth.KnownHostsFile is { } known) command.Append($" -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile={Quote(QuoteForSsh(known))}");
        if (Auth.SshKeyFile is { } key) command.Append($" -o IdentitiesOnly=yes -i {Quote(key)}");
        return command.ToString();
    }

    private static string ReadToken(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"the token of repository.auth.tokenFile cannot be read: {e.Message}", e);
        }
    }

    /// <summary>ssh splits this option at blanks, unless it is quoted for ssh itself.</summary>
    private static string QuoteForSsh(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
