namespace NasGitOps.Core.Tests.Loading;

public class SchemaMessageTests
{
    [Theory]
    [InlineData("qouta: 1G", "a.yaml:5:3: error: spec.qouta: unknown field 'qouta'; did you mean 'quota'?")]
    [InlineData("Quota: 1G", "a.yaml:5:3: error: spec.Quota: unknown field 'Quota'; did you mean 'quota'?")]
    [InlineData("zzz: 1G", "a.yaml:5:3: error: spec.zzz: unknown field 'zzz' (known here: quota, type, sparse, copies, mode, atime, comment, properties, scrub, subpath, key, source and 2 more)")]
    [InlineData("mode: 0770", "a.yaml:5:9: error: spec.mode: found the number 0770 where text is wanted (quote it: \"0770\")")]
    [InlineData("atime: true", "a.yaml:5:10: error: spec.atime: found the boolean true where text is wanted (write \"on\")")]
    [InlineData("atime: False", "a.yaml:5:10: error: spec.atime: found the boolean False where text is wanted (write \"off\")")]
    [InlineData("properties: {compression: true}", "a.yaml:5:29: error: spec.properties.compression: found the boolean true where text or a whole number is wanted (write \"on\")")]
    [InlineData("comment: true", "a.yaml:5:12: error: spec.comment: found the boolean true where text is wanted (write \"true\")")]
    [InlineData("sparse: yes", "a.yaml:5:11: error: spec.sparse: found the text 'yes' where true or false is wanted (write true)")]
    [InlineData("sparse: \"false\"", "a.yaml:5:11: error: spec.sparse: found the text 'false' where true or false is wanted (write false)")]
    [InlineData("copies: \"2\"", "a.yaml:5:11: error: spec.copies: found the text '2' where a whole number is wanted (write 2 without quotes)")]
    [InlineData("copies: 1.5", "a.yaml:5:11: error: spec.copies: found the number 1.5 where a whole number is wanted (How often each block is stored.)")]
    [InlineData("copies: 99999999999999999999", "a.yaml:5:11: error: spec.copies: found the number 99999999999999999999 where a whole number is wanted (How often each block is stored.)")]
    [InlineData("copies: 4", "a.yaml:5:11: error: spec.copies: copies 4 is too large; at most 3 is wanted (How often each block is stored.)")]
    [InlineData("copies: 0", "a.yaml:5:11: error: spec.copies: copies 0 is too small; at least 1 is wanted (How often each block is stored.)")]
    [InlineData("quota: -1", "a.yaml:5:10: error: spec.quota: quota -1 is too small; at least 0 is wanted (The most it may hold.)")]
    [InlineData("quota: 10X", "a.yaml:5:10: error: spec.quota: quota '10X' is no size; write 500GiB, 1TiB, 10G, plain bytes or none (The most it may hold.)")]
    [InlineData("quota: 99E", "a.yaml:5:10: error: spec.quota: quota '99E' is no size; write 500GiB, 1TiB, 10G or plain bytes (The most it may hold.)")]
    [InlineData("quota:", "a.yaml:5:3: error: spec.quota: found nothing where text or a whole number is wanted (give a value, or take the field out)")]
    [InlineData("quota: [1G]", "a.yaml:5:3: error: spec.quota: found a list where text or a whole number is wanted (The most it may hold.)")]
    [InlineData("type: volum", "a.yaml:5:9: error: spec.type: type 'volum' is none of filesystem and volume (did you mean 'volume'?)")]
    [InlineData("drift: ignore", "a.yaml:5:10: error: spec.drift: drift 'ignore' is none of enforce and report (write one of them)")]
    [InlineData("comment: this is a very long comment", "a.yaml:5:12: error: spec.comment: comment has 27 characters; at most 20 are allowed (shorten it)")]
    [InlineData("scrub: {cron: \"0 25 * * *\"}", "a.yaml:5:17: error: spec.scrub.cron: cron is no schedule: hour '25' is not *, a value or a range within 0-23 (Five-field Unix cron (minute, hour, day of month, month, day of week), or @hourly, @daily, @weekly, @monthly.)")]
    [InlineData("scrub: {cron: \"@daily\", timeZone: Europe/Berln}", "a.yaml:5:37: error: spec.scrub.timeZone: timeZone is refused: time zone 'Europe/Berln' is not known; IANA names such as Europe/Berlin or UTC are (An IANA time zone, as Europe/Berlin.)")]
    [InlineData("scrub: {timeZone: UTC}", "a.yaml:5:3: error: spec.scrub: 'cron' is missing in scrub (add cron: Five-field Unix cron (minute, hour, day of month, month, day of week), or @hourly, @daily, @weekly, @monthly.)")]
    [InlineData("source: {kind: copy}", "a.yaml:5:3: error: spec.source: 'host' is missing in source (add host: From where.)")]
    [InlineData("source: {kind: emty}", "a.yaml:5:18: error: spec.source.kind: kind 'emty' is none of copy and empty (did you mean 'empty'?)")]
    [InlineData("source: {size: 1G}", "a.yaml:5:3: error: spec.source: 'kind' is missing (write one of copy and empty)")]
    [InlineData("source: copy", "a.yaml:5:11: error: spec.source: found a single value where a mapping is wanted")]
    [InlineData("source: {kind: empty, sise: 1G}", "a.yaml:5:25: error: spec.source.sise: unknown field 'sise'; did you mean 'size'? (known here: kind and size)")]
    public void A_wrong_field_is_explained(string spec, string expected) => Assert.StartsWith(expected, Loaded.Spec(spec).Only(), StringComparison.Ordinal);

    [Theory]
    [InlineData("key: hunter2!", "a.yaml:5:8: error: spec.key: found a single value where a mapping is wanted (A secret")]
    [InlineData("key: {secretRef: hunter2!}", "a.yaml:5:20: error: spec.key.secretRef: secretRef is no name of a secret: letters, digits and _ . - are allowed (The secret's name.)")]
    public void A_secret_in_the_wrong_place_is_not_repeated(string spec, string expected)
    {
        var problem = Loaded.Spec(spec).Only();
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_monstrous_text_is_refused_before_any_pattern_sees_it() => Assert.Equal(
        "a.yaml:5:12: error: a text of 500,000 characters; 4,096 are allowed (shorten it)", Loaded.Spec($"comment: {new string('a', 500_000)}").Only());

    [Theory]
    [InlineData("../up")]
    [InlineData("/abs")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("a/..")]
    [InlineData(".")]
    public void A_path_that_escapes_is_refused(string path) => Assert.Equal(
        $"a.yaml:5:12: error: spec.subpath: subpath '{path}' does not stay below its root: no leading or trailing slash, and no empty, . or .. part (A relative path that stays below its root: no leading slash, no . or .. in it.)",
        Loaded.Spec($"subpath: {path}").Only());

    [Theory]
    [InlineData("a/b")]
    [InlineData("..a/b..")]
    [InlineData("with blank")]
    public void A_path_below_its_root_is_fine(string path) => Assert.Empty(Loaded.Spec($"subpath: {path}").Problems);

    [Fact]
    public void An_alias_is_blamed_where_it_is_used() => Assert.StartsWith(
        "a.yaml:6:11: error: spec.copies: found the text 'hi' where a whole number is wanted", Loaded.Spec("comment: &c hi\ncopies: *c").Only(), StringComparison.Ordinal);

    [Fact]
    public void A_share_gets_all_its_problems_at_once()
    {
        var result = Loaded.From("""
            apiVersion: nasgitops.io/v1
            kind: Share
            metadata:
              name: Media
            spec:
              users: [alice, bob, alice]
              clients:
                - {host: "10.0.0.1 (rw)", acces: ro}
                - access: rx
            """);
        Assert.Equal(
            string.Join('\n',
                "a.yaml:4:9: error: metadata.name: name 'Media' may hold small letters only (The share's name.)",
                "a.yaml:5:1: error: spec: one of 'dataset' and 'path' is missing (give exactly one of them)",
                "a.yaml:6:23: error: spec.users[2]: \"alice\" stands twice in users, first in line 6 (take one of them out)",
                "a.yaml:8:14: error: spec.clients[0].host: host '10.0.0.1 (rw)' may hold neither blanks nor parentheses (A host or network.)",
                "a.yaml:8:31: error: spec.clients[0].acces: unknown field 'acces'; did you mean 'access'? (known here: host and access)",
                "a.yaml:9:7: error: spec.clients[1]: 'host' is missing in clients (add host: A host or network.)",
                "a.yaml:9:15: error: spec.clients[1].access: access 'rx' is none of ro and rw (did you mean 'ro'?)"),
            string.Join('\n', result.Lines()));
    }

    [Theory]
    [InlineData("{dataset: a, path: /b, clients: []}", "spec: 'dataset' and 'path' exclude each other (keep one of them)")]
    [InlineData("{path: /b}", "spec: 'clients' is missing in spec (add clients: Who may mount it.)")]
    [InlineData("{path: /b, clients: [], users: []}", "spec.users: users has 0 entries; at least 1 is needed (Who may use it.)")]
    [InlineData("{path: /b, clients: {host: a}}", "spec.clients: found a mapping where a list is wanted (write each value after a '- ')")]
    [InlineData("{path: /b, clients: a}", "spec.clients: found the text 'a' where a list is wanted (write [a])")]
    [InlineData("{path: /b, clients: [a]}", "spec.clients[0]: found a single value where a mapping is wanted (One client.)")]
    public void A_wrong_share_is_explained(string spec, string expected) =>
        Assert.EndsWith(expected, Loaded.From($"apiVersion: nasgitops.io/v1\nkind: Share\nmetadata: {{name: a}}\nspec: {spec}\n").Only(), StringComparison.Ordinal);

    [Fact]
    public void Thousands_of_problems_are_counted_only()
    {
        var problems = Loaded.From(string.Concat(Enumerable.Repeat("a: 1\n", 1000))).Problems;
        Assert.Equal(101, problems.Count);
        Assert.Equal("a.yaml:0:0: error: 903 more problems in this file (mend those that are named first)", problems[0].ToString());
    }

    [Fact]
    public void Thousands_of_unknown_fields_do_not_bury_the_reader() =>
        Assert.Equal(100, Loaded.Spec(string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"f{i}: 1"))).Problems.Count);
}
