using System.Reflection;

namespace NasGitOps;

internal static class Versions
{
    public static string Product { get; } = typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
