using NasGitOps.Execution;

namespace NasGitOps.Trust;

/// <summary>A private folder with copies of the key files, made for the tools: what they read is what was checked and hashed, and they write nowhere else.</summary>
internal sealed class KeyFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nasgitops-keys-"); // 0700

    public KeyFolder(KeyFiles keys)
    {
        try
        {
            AllowedSigners = Copy("allowed_signers", keys.AllowedSigners);
            RevokedKeys = Copy("revoked_keys", keys.RevokedKeys);
            GpgExport = Copy("gpg-export", keys.GpgKeyring);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string? AllowedSigners { get; }

    public string? RevokedKeys { get; }

    public string? GpgExport { get; }

    public string GpgHome => folder.FullName;

    /// <summary>What came of reading the export into a keyring; null while nobody needed it.</summary>
    public CommandResult? Imported { get; set; }

    /// <summary>The signature that is looked at, as a file.</summary>
    public string Signature(string armored) => Copy("signature", System.Text.Encoding.UTF8.GetBytes(armored))!;

    public void Dispose() => folder.Delete(recursive: true);

    private string? Copy(string name, byte[]? content)
    {
        if (content is null) return null;
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
