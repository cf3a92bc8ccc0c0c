namespace NasGitOps.LabTests.Lab;

/// <summary>A test that needs the virtual machine. Where there can be none, it says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LabFactAttribute : FactAttribute
{
    /// <summary>Why there can be no machine here; null when there can.</summary>
    public static readonly string? Missing = WhatIsMissing();

    /// <param name="order">Cheap preconditions first: a test finds most of what it needs already applied.</param>
    public LabFactAttribute(int order)
    {
        Order = order;
        Skip = Missing;
    }

    public int Order { get; }

    private static string? WhatIsMissing()
    {
        if (!OnPath("qemu-system-x86_64") || !OnPath("qemu-img"))
            return "no virtual machine: qemu-system-x86_64 and qemu-img are not installed (apt-get install qemu-system-x86 qemu-utils)";
        if (!OnPath("ssh"))
            return "no virtual machine: ssh is not installed (apt-get install openssh-client)";
        return Environment.GetEnvironmentVariable("NASGITOPS_SKIP_LAB") is { Length: > 0 } reason ? $"no virtual machine: {reason}" : null;
    }

    private static bool OnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
