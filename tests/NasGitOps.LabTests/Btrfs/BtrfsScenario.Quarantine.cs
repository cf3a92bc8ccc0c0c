namespace NasGitOps.LabTests.Btrfs;

public sealed partial class BtrfsScenario
{
    private const string Bin = "{deletionPolicy: quarantine, permissions: {mode: \"0750\"}}";

    [BtrfsFact]
    public async Task A_deleted_dataset_goes_into_quarantine_when_approved_and_comes_back_as_it_was()
    {
        string[] whole = [host.PoolManifest(), host.Dataset("box", Bin), host.Dataset("box/inner", "{deletionPolicy: quarantine, quota: 64MiB, properties: {exec: \"off\"}}"), host.Dataset("other")];
        await host.MustApply(whole);
        await host.Must($"echo treasure >{host.Root}/box/inner/f && btrfs subvolume snapshot -r {host.Top}/box/@ {host.Top}/box/@snapshots/by-hand");
        var before = await host.Mounted();

        await host.Apply(host.PoolManifest(), host.Dataset("other"));
        Assert.Equal(before, await host.Mounted());
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/box")?.Says("ApprovalRequired"), host.Status().Text);

        // Somebody works in it: he is named, and not cut off.
        await host.Must("git -C repo -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m \"approved\n\n$(" + Lab.Checkout.Binary() + " approve --config agent.yaml)\"");
        var busy = await host.Sh($"(cd {host.Root}/box && exec sleep 300) & worker=$!; {Lab.Checkout.Binary()} apply --config agent.yaml; kill $worker");
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/box") is { } box && box.ToString().Contains("sleep", StringComparison.Ordinal) && box.ToString().Contains("works in", StringComparison.Ordinal), busy + host.Status().Text);
        Assert.Contains($"{host.Root}/box", await host.Mounted());

        await host.Pass();
        Assert.All(new[] { "box", "box/inner" }, d => Assert.True(host.Status().Find("Dataset", $"{host.Pool}/{d}")?.Says("Quarantined"), host.Status().Text));
        Assert.DoesNotContain(await host.Mounted(), m => m.Contains("/box", StringComparison.Ordinal));
        Assert.Equal("ro=true", await host.Must($"btrfs property get {host.Top}/box/@ ro"));
        Assert.Equal("treasure", await host.Must($"cat {host.Top}/box/inner/@snapshots/nasgitops-quarantine/f"));
        Assert.Contains("put its manifest back", (await host.Nasgitops("status")).Output, StringComparison.Ordinal);
        await host.MustBeSettled();
        await host.Reboot();
        await host.Pass();
        Assert.DoesNotContain(await host.Mounted(), m => m.Contains("/box", StringComparison.Ordinal));

        await host.MustApply(whole);
        Assert.Equal(before, await host.Mounted());
        Assert.Equal("treasure\n750", await host.Must($"cat {host.Root}/box/inner/f && stat -c %a {host.Root}/box && echo again >>{host.Root}/box/inner/f"));
        Assert.Contains("noexec", await host.Must($"findmnt -n -o OPTIONS {host.Root}/box/inner"), StringComparison.Ordinal);
        Assert.Equal("by-hand", await host.Must($"ls {host.Top}/box/@snapshots {host.Top}/box/inner/@snapshots | grep -v : | grep ."));
        await host.MustBeSettled();
    }
}
