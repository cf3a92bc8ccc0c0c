using System.Text.Json;

namespace NasGitOps.Storage.Btrfs;

/// <summary>Reads <c>losetup --list --json</c>, which prints nothing where there is no loop device.</summary>
internal static class Loops
{
    public static IReadOnlyDictionary<string, string> Parse(string output)
    {
        var found = new Dictionary<string, string>();
        if (output.Trim().Length == 0) return found;
        try
        {
            using var document = JsonDocument.Parse(output);
            foreach (var device in document.RootElement.GetProperty("loopdevices").EnumerateArray())
            {
                if (device.GetProperty("name").GetString() is { } name && device.GetProperty("back-file").GetString() is { } file) found[name] = file;
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"losetup --list --json: {e.Message}", e);
        }

        return found;
    }
}
