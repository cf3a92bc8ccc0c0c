using static NasGitOps.Kinds.Samba.SambaParameter;

namespace NasGitOps.Kinds.Samba;

/// <summary>The parameters of <c>[global]</c> that this product knows: the hardening it writes, and those a SambaServer may set.</summary>
internal static class GlobalParameters
{
    /// <summary>Written by a profile or a field.</summary>
    public static readonly IReadOnlyDictionary<string, SambaParameter> Own = ShareParameters.ByName(
        new("workgroup", ValueType.Text, "WORKGROUP", "spec.workgroup"),
        Protocol("server min protocol", "SMB2_02", "spec.profile"),
        ShareParameters.Encryption("server signing", "spec.profile"),
        ShareParameters.Encryption("server smb encrypt", "spec.profile"),
        OneOf("ntlm auth", "ntlmv2-only", "the older answers can be broken by listening", "ntlmv2-only|no|false|0", "ntlmv1-permitted|yes|true|1", "mschapv2-and-ntlmv2-only", "disabled"),
        Number("restrict anonymous", 0, 0, 2, "no list of shares and accounts without logging in"),
        OneOf("map to guest", "Never", "only where a share lets guests in", "Never", "Bad User", "Bad Password", "Bad Uid"),
        Flag("load printers", true, "no print server"),
        Flag("disable spoolss", false, "no print server"),
        Flag("disable netbios", false, "no name service of the nineties"),
        new("interfaces", ValueType.Set, "", "spec.interfaces"),
        Flag("bind interfaces only", false, "spec.interfaces"),
        Flag("multicast dns register", true, "smbd's own announcement, off where ours tells Macs of Time Machine"),
        new("fruit:aapl", ValueType.Text, "", "Apple's extensions"),
        new("fruit:nfs_aces", ValueType.Text, "", "clients may not change modes past the permissions of the share"));

    /// <summary>What <c>spec.options</c> may hold. Never one that runs a program, names a path or an account, expands a macro, or loosens the profile.</summary>
    /// <remarks><c>log level</c> is not among them: testparm prints its own, so it could never be read back.</remarks>
    public static readonly IReadOnlyDictionary<string, SambaParameter> Options = ShareParameters.ByName(
        Number("aio max threads", 100, 1, 10_000, "performance"),
        Number("deadtime", 10_080, 0, 1_000_000, "minutes until an idle connection is closed"),
        new("fruit:model", ValueType.Text, "", "the icon that macOS shows"),
        Flag("getwd cache", true, "performance"),
        Flag("host msdfs", true, "redirections to other servers"),
        Number("keepalive", 300, 0, 86_400, "seconds between signs of life"),
        Number("max log size", 5_000, 0, 10_000_000, "KiB until the log is turned over"),
        Number("max smbd processes", 0, 0, 100_000, "how many connections at a time; 0 is without limit"),
        OneOf("mdns name", "netbios", "the name that is announced", "netbios", "mdns"),
        Number("min receivefile size", 0, 0, 1 << 30, "performance"),
        Number("name cache timeout", 660, 0, 1_000_000, "seconds"),
        Flag("server multi channel support", true, "several network cards at once"),
        new("server string", ValueType.Text, "", "what clients show beside the name; free of macros here"),
        Flag("smb2 leases", true, "caching of clients"),
        Number("smb2 max credits", 8_192, 1, 65_535, "performance"),
        Number("smb2 max read", 8_388_608, 65_536, 8_388_608, "performance"),
        Number("smb2 max trans", 8_388_608, 65_536, 8_388_608, "performance"),
        Number("smb2 max write", 8_388_608, 65_536, 8_388_608, "performance"),
        Flag("time server", false, "the clock for old clients"),
        Number("usershare max shares", 100, 0, 100_000, "shares that users of the host make themselves; 0 forbids them"));

    public static SambaParameter? Find(string name) => Own.GetValueOrDefault(name) ?? Options.GetValueOrDefault(name);

    /// <summary><c>SMB2</c> and <c>SMB3</c> are Samba's aliases; testparm prints <c>SMB2_10</c> as <c>SMB2</c>.</summary>
    private static SambaParameter Protocol(string name, string @default, string reason) =>
        OneOf(name, @default, reason, "SMB2_02", "SMB2_10|SMB2", "SMB3_00", "SMB3_02", "SMB3_11|SMB3", "NT1", "LANMAN2", "LANMAN1", "CORE", "COREPLUS|CORE+", "default");
}
